/** A VS Code that is tested against: its package on npm, and the major version of Node that it is built for. */
export interface VsCodeVersion {
  name: 'oldest' | 'newest';
  codeServer: string;
  vsCode: string;
  nodeMajor: number;
}

/** The oldest VS Code that package.json's `engines` admits. */
export const OLDEST: VsCodeVersion = {
  name: 'oldest',
  codeServer: '4.100.3',
  vsCode: '1.100.3',
  nodeMajor: 20,
};

/** The newest VS Code that is known to work. */
export const NEWEST: VsCodeVersion = {
  name: 'newest',
  codeServer: '4.139.1',
  vsCode: '1.139.1',
  nodeMajor: 24,
};

/** The one that `EVENTSUB_VSCODE` names (`oldest` or `newest`), else the oldest. */
export function chosenVersion(): VsCodeVersion {
  const name = process.env['EVENTSUB_VSCODE'] ?? OLDEST.name;
  const found = [OLDEST, NEWEST].find(version => version.name === name);
  if (!found) throw new Error(`EVENTSUB_VSCODE is "${name}"; it can be oldest or newest.`);
  return found;
}
