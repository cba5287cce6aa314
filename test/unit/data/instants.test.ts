import assert from 'node:assert/strict';
import fc from 'fast-check';
import { formatInstant, parseInstant } from '../../../src/data/instants';

describe('Instants', () => {
  it('are written as a date writes them, whatever was written before', () => {
    const anyInstant = fc.integer({ min: -8_640_000_000_000_000, max: 8_640_000_000_000_000 });
    const nearby = fc.integer({ min: 1_700_000_000_000, max: 1_700_200_000_000 });
    fc.assert(
      fc.property(fc.array(fc.oneof(anyInstant, nearby)), instants => {
        for (const ms of instants) assert.equal(formatInstant(ms), new Date(ms).toISOString());
      }),
    );
  });

  it('are read back to the millisecond, and cut off below it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), ms => {
        const text = formatInstant(ms);
        assert.equal(parseInstant(text), ms);
        assert.equal(parseInstant(`${text.slice(0, -1)}999999Z`), ms);
      }),
    );
  });

  it('that no date can hold are refused', () => {
    assert.throws(() => formatInstant(8_640_000_086_400_000), RangeError);
    assert.ok(Number.isNaN(parseInstant('soon')));
  });
});
