import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { contextOf, type ContextKeys } from './connection-phase';
import type { WindowContext } from './window-context';

/** Keeps our context keys in step with the status; each is written only when it changes. */
export function keepContextKeys({ status, log }: WindowContext): Disposable {
  const written = new Map<string, unknown>();
  const write = (keys: ContextKeys): void => {
    for (const [key, value] of Object.entries(keys)) {
      if (written.get(key) === value) continue;
      written.set(key, value);
      vscode.commands
        .executeCommand('setContext', key, value)
        .then(undefined, (error: unknown) => log.warn(`The context key ${key} could not be set.`, error));
    }
  };
  write(contextOf(status.current));
  return status.onChange(current => write(contextOf(current)));
}
