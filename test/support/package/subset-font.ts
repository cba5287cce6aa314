/** A table of a TrueType file. */
interface Table {
  tag: string;
  bytes: Buffer;
}

/** The tables that a browser needs to draw outlines; the others hold names and features that nothing here uses. */
const KEPT_TABLES: readonly string[] = [
  'OS/2',
  'cmap',
  'glyf',
  'head',
  'hhea',
  'hmtx',
  'loca',
  'maxp',
  'name',
  'post',
];

const COMPOUND_WITH_WORDS = 0x0001;
const COMPOUND_WITH_SCALE = 0x0008;
const COMPOUND_WITH_MORE = 0x0020;
const COMPOUND_WITH_TWO_SCALES = 0x0040;
const COMPOUND_WITH_MATRIX = 0x0080;

/**
 * Answers a TrueType font with the outlines of these characters only (OpenType 1.9). Glyphs keep their numbers, so that all
 * tables still fit; those of other characters become empty. Throws where the font lacks one of the characters.
 */
export function subsetFont(font: Buffer, characters: Iterable<number>): Buffer {
  const tables = new Map(readTables(font).map(table => [table.tag, table.bytes]));
  const glyphs = new Map<number, number>();
  const lookUp = readCharacterMap(need(tables, 'cmap'));
  for (const character of [...new Set(characters)].sort((a, b) => a - b)) {
    const glyph = lookUp.get(character);
    if (glyph === undefined) throw new Error(`The font has no U+${character.toString(16)}.`);
    glyphs.set(character, glyph);
  }
  const { glyf, loca } = keepOutlines(tables, new Set([0, ...glyphs.values()]));
  const head = Buffer.from(need(tables, 'head'));
  head.writeInt16BE(1, 50);
  tables.set('head', head).set('glyf', glyf).set('loca', loca);
  tables.set('cmap', writeCharacterMap(glyphs));
  // Version 3: no names of glyphs.
  const post = Buffer.from(need(tables, 'post').subarray(0, 32));
  post.writeUInt32BE(0x00030000, 0);
  tables.set('post', post);
  return writeTables(KEPT_TABLES.map(tag => ({ tag, bytes: need(tables, tag) })));
}

function need(tables: ReadonlyMap<string, Buffer>, tag: string): Buffer {
  const table = tables.get(tag);
  if (!table) throw new Error(`The font has no table "${tag}": it is not TrueType.`);
  return table;
}

function readTables(font: Buffer): Table[] {
  return Array.from({ length: font.readUInt16BE(4) }, (_, index) => {
    const at = 12 + index * 16;
    const start = font.readUInt32BE(at + 8);
    const bytes = font.subarray(start, start + font.readUInt32BE(at + 12));
    return { tag: font.toString('latin1', at, at + 4), bytes };
  });
}

function writeTables(tables: readonly Table[]): Buffer {
  const steps = Math.floor(Math.log2(tables.length));
  const header = Buffer.alloc(12 + tables.length * 16);
  header.writeUInt32BE(0x00010000, 0);
  header.writeUInt16BE(tables.length, 4);
  header.writeUInt16BE(16 << steps, 6);
  header.writeUInt16BE(steps, 8);
  header.writeUInt16BE(tables.length * 16 - (16 << steps), 10);
  const parts = [header];
  let end = header.length;
  let headAt = 0;
  for (const [index, { tag, bytes }] of tables.entries()) {
    const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
    if (tag === 'head') {
      padded.writeUInt32BE(0, 8);
      headAt = end;
    }
    const at = 12 + index * 16;
    header.write(tag, at, 'latin1');
    header.writeUInt32BE(sumUp(padded), at + 4);
    header.writeUInt32BE(end, at + 8);
    header.writeUInt32BE(bytes.length, at + 12);
    parts.push(padded);
    end += padded.length;
  }
  const font = Buffer.concat(parts);
  font.writeUInt32BE((0xb1b0afba - sumUp(font)) >>> 0, headAt + 8);
  return font;
}

function sumUp(bytes: Buffer): number {
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 4) sum = (sum + bytes.readUInt32BE(at)) >>> 0;
  return sum;
}

/** Which glyph each character has, from the first subtable that is one of the two usual formats. */
function readCharacterMap(cmap: Buffer): Map<number, number> {
  for (let index = 0; index < cmap.readUInt16BE(2); index += 1) {
    const table = cmap.subarray(cmap.readUInt32BE(4 + index * 8 + 4));
    const format = table.readUInt16BE(0);
    if (format === 12) return readGroups(table);
    if (format === 4) return readSegments(table);
  }
  throw new Error('The font has no character map of format 4 or 12.');
}

function readGroups(table: Buffer): Map<number, number> {
  const map = new Map<number, number>();
  for (let index = 0; index < table.readUInt32BE(12); index += 1) {
    const at = 16 + index * 12;
    const first = table.readUInt32BE(at);
    for (let character = first; character <= table.readUInt32BE(at + 4); character += 1) {
      map.set(character, table.readUInt32BE(at + 8) + character - first);
    }
  }
  return map;
}

function readSegments(table: Buffer): Map<number, number> {
  const map = new Map<number, number>();
  const length = table.readUInt16BE(6);
  for (let at = 0; at < length; at += 2) {
    const startAt = 16 + length + at;
    const rangeAt = startAt + length * 2;
    const range = table.readUInt16BE(rangeAt);
    const first = table.readUInt16BE(startAt);
    for (let character = first; character <= table.readUInt16BE(14 + at); character += 1) {
      const delta = table.readUInt16BE(startAt + length);
      const found = range === 0 ? character : table.readUInt16BE(rangeAt + range + (character - first) * 2);
      if (character !== 0xffff && found !== 0) map.set(character, (found + delta) & 0xffff);
    }
  }
  return map;
}

/** One subtable of format 12, for both platforms that browsers ask for. */
function writeCharacterMap(glyphs: ReadonlyMap<number, number>): Buffer {
  const header = Buffer.alloc(12 + 16);
  header.writeUInt16BE(1, 2);
  header.writeUInt16BE(3, 4);
  header.writeUInt16BE(10, 6);
  header.writeUInt32BE(12, 8);
  header.writeUInt16BE(12, 12);
  header.writeUInt32BE(16 + glyphs.size * 12, 16);
  header.writeUInt32BE(glyphs.size, 24);
  const groups = [...glyphs].map(([character, glyph]) => {
    const group = Buffer.alloc(12);
    group.writeUInt32BE(character, 0);
    group.writeUInt32BE(character, 4);
    group.writeUInt32BE(glyph, 8);
    return group;
  });
  return Buffer.concat([header, ...groups]);
}

function keepOutlines(
  tables: ReadonlyMap<string, Buffer>,
  wanted: Set<number>,
): { glyf: Buffer; loca: Buffer } {
  const [glyf, loca] = [need(tables, 'glyf'), need(tables, 'loca')];
  const count = need(tables, 'maxp').readUInt16BE(4);
  const isLong = need(tables, 'head').readInt16BE(50) === 1;
  const offset = (glyph: number): number =>
    isLong ? loca.readUInt32BE(glyph * 4) : loca.readUInt16BE(glyph * 2) * 2;
  const outline = (glyph: number): Buffer => glyf.subarray(offset(glyph), offset(glyph + 1));
  // A set's iterator also comes to what is added on the way: the parts of compound glyphs.
  for (const glyph of wanted) for (const part of listParts(outline(glyph))) wanted.add(part);
  const kept: Buffer[] = [];
  const places = Buffer.alloc((count + 1) * 4);
  let end = 0;
  for (let glyph = 0; glyph < count; glyph += 1) {
    if (wanted.has(glyph)) {
      const bytes = outline(glyph);
      const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
      kept.push(padded);
      end += padded.length;
    }
    places.writeUInt32BE(end, (glyph + 1) * 4);
  }
  return { glyf: Buffer.concat(kept), loca: places };
}

/** The glyphs that a compound glyph is put together from; none for any other. */
function listParts(outline: Buffer): number[] {
  if (outline.length === 0 || outline.readInt16BE(0) >= 0) return [];
  const parts: number[] = [];
  let at = 10;
  let flags = COMPOUND_WITH_MORE;
  while (flags & COMPOUND_WITH_MORE) {
    flags = outline.readUInt16BE(at);
    parts.push(outline.readUInt16BE(at + 2));
    at += flags & COMPOUND_WITH_WORDS ? 8 : 6;
    if (flags & COMPOUND_WITH_SCALE) at += 2;
    else if (flags & COMPOUND_WITH_TWO_SCALES) at += 4;
    else if (flags & COMPOUND_WITH_MATRIX) at += 8;
  }
  return parts;
}

/** The characters that a style sheet draws by number: `content: '\\ea6a'`. */
export function listIconCharacters(css: string): number[] {
  return [...css.matchAll(/content:\s*'\\([0-9a-f]{4,6})'/gi)].map(([, digits]) =>
    parseInt(digits ?? '', 16),
  );
}
