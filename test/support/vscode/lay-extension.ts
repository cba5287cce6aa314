import fs from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from './paths';

interface Manifest {
  publisher: string;
  name: string;
  version: string;
}

/** What an installed extension needs of the checkout. */
const SHIPPED =
  /^(?:package\.json|package\.nls(?:\.[\w-]+)?\.json|README\.md|CHANGELOG\.md|LICENSE|dist|media|l10n)$/;

/**
 * Lays an extension's folder into VS Code's extensions folder, as if it had been installed, before VS Code starts.
 * Unlike one under development it is what a person has: VS Code shows dialogs, and needs no address with a payload.
 */
export function layExtension(extensionsFolder: string, source: string = repositoryRoot): void {
  const { publisher, name, version } = JSON.parse(
    fs.readFileSync(path.join(source, 'package.json'), 'utf8'),
  ) as Manifest;
  const target = path.join(extensionsFolder, `${publisher}.${name}-${version}`);
  fs.rmSync(target, { recursive: true, force: true });
  fs.mkdirSync(target, { recursive: true });
  for (const entry of fs.readdirSync(source)) {
    if (source === repositoryRoot && !SHIPPED.test(entry)) continue;
    fs.cpSync(path.join(source, entry), path.join(target, entry), { recursive: true });
  }
  // Without its list of extensions VS Code looks which are there.
  fs.rmSync(path.join(extensionsFolder, 'extensions.json'), { force: true });
}
