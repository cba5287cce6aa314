import fs from 'node:fs';
import path from 'node:path';
import { repositoryRoot } from '../vscode/paths';
import type { Workbench } from './workbench';

const STAND_IN = path.join(repositoryRoot, 'test', 'support', 'workbench', 'log-stand-in', 'log-stand-in.js');

/** With these variables VS Code's server writes its log files although their native module is not built. */
export const WITH_LOG_FILES = { NODE_OPTIONS: `--require ${JSON.stringify(STAND_IN)}` } as const;

/** All that our log channel has written so far. */
export function readOurLog({ server }: Workbench): string {
  const root = path.dirname(server.userDataFolder);
  return fs
    .readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter(name => /EventSub[^/\\]*\.log$/.test(name))
    .map(name => fs.readFileSync(path.join(root, name), 'utf8'))
    .join('\n');
}
