import assert from 'node:assert/strict';
import fc from 'fast-check';
import { statSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { listenLocally, type LocalServer } from '../../../src/service/local-address';
import { createLineSplitter, openLinePort } from '../../../src/service/local-socket';
import { until } from './support';

describe('lines over a local socket', () => {
  it('come out whole however the bytes were cut, with any text in them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary', maxLength: 40 }).map(text => JSON.stringify(text))),
        fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }),
        (lines, sizes) => {
          const bytes = Buffer.from(lines.map(line => `${line}\n`).join(''));
          const got: string[] = [];
          const split = createLineSplitter(
            10_000,
            () => assert.fail('no line is bad'),
            line => got.push(line),
          );
          for (let at = 0, turn = 0; at < bytes.length; turn++) {
            const size = sizes[turn % sizes.length]!;
            split(bytes.subarray(at, at + size));
            at += size;
          }
          assert.deepEqual(got, lines);
        },
      ),
    );
  });

  it('that are too long are left out, told once, and the next one is read', () => {
    const errors: string[] = [];
    const got: string[] = [];
    const split = createLineSplitter(
      5,
      error => errors.push(error.message),
      line => got.push(line),
    );
    for (const chunk of ['123', '4567', '89', '\nshort', '\n']) split(Buffer.from(chunk));
    assert.deepEqual(got, ['short']);
    assert.equal(errors.length, 1);
  });

  describe('of a real server', () => {
    const sockets: Socket[] = [];
    let server: LocalServer;

    const connect = async (): Promise<{ here: Socket; there: Socket }> => {
      const here = createConnection(server.address);
      here.on('error', () => undefined);
      await until(() => sockets.length > 0, 'the connection');
      return { here, there: sockets.shift()! };
    };

    beforeEach(async () => {
      server = await listenLocally(socket => sockets.push(socket));
    });
    afterEach(async () => {
      await server.close();
    });

    it('can be reached by the same user only', function () {
      // Windows has a named pipe here, which has no mode; its random name and the token guard it.
      if (process.platform === 'win32') this.skip();
      assert.equal(statSync(server.address).mode & 0o777, 0o600);
      assert.equal(statSync(dirname(server.address)).mode & 0o777, 0o700);
      assert.ok(Buffer.byteLength(server.address) <= 100);
    });

    it('that are no JSON are an error and not a crash', async () => {
      const { here, there } = await connect();
      const errors: Error[] = [];
      const messages: unknown[] = [];
      const port = openLinePort({
        socket: there,
        maxLineBytes: 1000,
        onBadLine: error => errors.push(error),
      });
      port.listen(message => messages.push(message));
      here.write('{"a":\nnot json\n\u0000\n{"a":1}\n');
      await until(() => messages.length === 1, 'the good line');
      assert.deepEqual(messages, [{ a: 1 }]);
      assert.equal(errors.length, 3);
      here.destroy();
      port.close();
    });

    it('are held back for a reader that does not read, and go on when it does', async () => {
      const { here, there } = await connect();
      here.pause();
      let hasCaughtUp = false;
      const port = openLinePort({
        socket: there,
        maxLineBytes: 1000,
        onBadLine: () => assert.fail('no line is bad'),
        onCaughtUp: () => {
          hasCaughtUp = true;
        },
      });
      const text = 'x'.repeat(100_000);
      for (let i = 0; i < 1000 && !port.isCongested; i++) port.post(text);
      assert.ok(port.isCongested);
      assert.ok(there.writableLength < 2_000_000);
      here.resume();
      await until(() => hasCaughtUp, 'the reader to catch up');
      assert.equal(port.isCongested, false);
      here.destroy();
      port.close();
    });
  });
});
