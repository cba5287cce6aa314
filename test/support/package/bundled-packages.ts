import fs from 'node:fs';
import path from 'node:path';

/** What esbuild tells of one build, as far as it matters here (esbuild, "Metafile"). */
export interface BuildRecord {
  outputs: Record<string, { inputs: Record<string, { bytesInOutput: number }> }>;
}

/** A package of which something is in what ships. */
export interface BundledPackage {
  name: string;
  version: string;
  /** Its own SPDX expression. */
  license: string;
  /** The texts of its licence files; empty where it has none. */
  texts: readonly string[];
}

/** The folders, relative to the root, of the packages that left at least a byte in an output; sorted. */
export function findPackageFolders(builds: readonly BuildRecord[]): string[] {
  const folders = new Set<string>();
  for (const { outputs } of builds) {
    for (const { inputs } of Object.values(outputs)) {
      for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
        const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file.replaceAll('\\', '/'));
        if (match && bytesInOutput > 0) folders.add(match[0]);
      }
    }
  }
  return [...folders].sort();
}

/** Reads a package's name, version, licence and licence texts from its folder. */
export function readPackage(folder: string): BundledPackage {
  const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: unknown;
  };
  const texts = fs
    .readdirSync(folder)
    .filter(file => /^(?:licen[cs]e|copying)(?:\.(?:md|txt))?$/i.test(file))
    .sort()
    .map(file => fs.readFileSync(path.join(folder, file), 'utf8'));
  return {
    name: manifest.name,
    version: manifest.version,
    license: typeof manifest.license === 'string' ? manifest.license : 'not named',
    texts,
  };
}
