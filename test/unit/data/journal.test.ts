import assert from 'node:assert/strict';
import fc from 'fast-check';
import { decodeSegment, encodeRecords, SEGMENT_MAGIC } from '../../../src/data/journal-format';
import { decodeRecord } from '../../../src/data/records';

const line = fc.string().map(text => text.replaceAll('\n', ' '));

function segmentOf(lines: string[], first = 1): Buffer {
  return Buffer.concat([SEGMENT_MAGIC, encodeRecords(Buffer.from(lines.join('\n')), first, null).bytes]);
}

describe('the journal', () => {
  it('gives back what was written, whatever the text', () => {
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 20 }), lines => {
        const content = decodeSegment(segmentOf(lines, 7));
        const sent = lines.map(text => Buffer.from(text).toString());
        assert.deepEqual(
          content.records.map(record => record.text),
          sent,
        );
        assert.deepEqual(
          content.records.map(record => record.sequence),
          lines.map((_, index) => 7 + index),
        );
        assert.deepEqual(content.damaged, []);
      }),
    );
  });

  it('leaves out the lines that are to be skipped, without a gap in the numbers', () => {
    const { bytes, count } = encodeRecords(Buffer.from('a\nb\nc'), 1, new Set([1]));
    assert.equal(count, 2);
    const content = decodeSegment(Buffer.concat([SEGMENT_MAGIC, bytes]));
    assert.deepEqual(content.records, [
      { sequence: 1, text: 'a' },
      { sequence: 2, text: 'c' },
    ]);
  });

  it('cuts a torn tail at any byte', () => {
    const whole = segmentOf(['one', 'two', 'three']);
    for (let length = 0; length < whole.length; length++) {
      const { records } = decodeSegment(whole.subarray(0, length));
      assert.deepEqual(
        records.map(record => record.text),
        ['one', 'two', 'three'].slice(0, records.length),
      );
      assert.ok(records.length < 3);
    }
  });

  it('sets a damaged record in the middle aside and reads the rest', () => {
    const whole = segmentOf(['one', 'two', 'three']);
    const at = whole.indexOf('two');
    whole[at] = 0;
    const content = decodeSegment(whole);
    assert.deepEqual(
      content.records.map(record => record.text),
      ['one', 'three'],
    );
    assert.equal(content.damaged.length, 1);
  });

  it('never throws and never invents, whatever bytes it is given', () => {
    const lines = ['alpha', 'beta', '{"gamma":1}', 'δ'];
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 20 }),
        fc.uint8Array({ maxLength: 60 }),
        (changes, tail) => {
          const bytes = Buffer.concat([segmentOf(lines), tail]);
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          for (const record of decodeSegment(bytes).records) assert.ok(lines.includes(record.text));
        },
      ),
      { numRuns: 500 },
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 500 }), bytes => void decodeSegment(bytes)));
  });

  it('reads any line as a record or throws an error', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          line,
          fc.json().map(json => `["n"]\t${json}`),
          fc.json(),
        ),
        text => {
          try {
            decodeRecord(text);
          } catch (error) {
            assert.ok(error instanceof Error);
          }
        },
      ),
    );
  });
});
