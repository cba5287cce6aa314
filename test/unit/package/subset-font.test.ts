import assert from 'node:assert/strict';
import fs from 'node:fs';
import { listIconCharacters, subsetFont } from '../../support/package/subset-font';

const whole = fs.readFileSync('node_modules/@vscode/codicons/dist/codicon.ttf');
const sheet = fs.readFileSync('webview/parts/icon.css', 'utf8');

describe('The icon font that ships', () => {
  it('has every icon that the style sheet names, in a tenth of the size', () => {
    const icons = listIconCharacters(sheet);
    assert.ok(icons.length >= 20);
    const small = subsetFont(whole, icons);
    assert.ok(small.length < whole.length / 10, `${small.length} bytes`);
    // What it holds can be taken out of it again, bit by bit the same.
    assert.deepEqual(subsetFont(small, icons), small);
    assert.deepEqual(subsetFont(small, icons.slice(0, 3)), subsetFont(whole, icons.slice(0, 3)));
  });

  it('has no others', () => {
    const small = subsetFont(whole, [0xeb05]);
    assert.throws(() => subsetFont(small, [0xec04]), /has no U\+ec04/);
  });

  it('adds up to the sum that TrueType asks for', () => {
    const small = subsetFont(whole, [0xeb05, 0xec04]);
    let sum = 0;
    for (let at = 0; at < small.length; at += 4) sum = (sum + small.readUInt32BE(at)) >>> 0;
    assert.equal(sum, 0xb1b0afba);
  });

  it('is refused where it is no TrueType font', () => {
    assert.throws(() => subsetFont(Buffer.alloc(64), [65]), /not TrueType/);
  });
});
