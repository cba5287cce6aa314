import * as assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CLOSE_CODES } from '../../../src/twitch/close-codes';
import { playTranscript } from './transcript';

const FOLDER = join('test', 'unit', 'twitch-manager', 'golden');

describe('golden transcripts of the session (RESET_GOLDEN=1 writes them anew)', () => {
  const files = readdirSync(FOLDER).filter(name => name.endsWith('.txt'));
  for (const file of files) {
    it(file.replace('.txt', '').replaceAll('-', ' '), () => {
      const path = join(FOLDER, file);
      const expected = readFileSync(path, 'utf8').replaceAll('\r\n', '\n');
      const actual = playTranscript(expected);
      if (process.env['RESET_GOLDEN'] === '1') writeFileSync(path, actual);
      else assert.equal(actual, expected);
    });
  }

  it('has one for every close code of the table', () => {
    for (const { code } of CLOSE_CODES) {
      assert.ok(
        files.some(file => file.startsWith(`close-${code}`)),
        `golden/close-${code}-*.txt is missing`,
      );
    }
  });
});
