import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import type { WindowContext } from './window-context';

/** Starts the service, and tells it from then on what changes in this window: settings and focus. */
export function feedService({ service, settings, status, log }: WindowContext): Disposable {
  const start = async (): Promise<void> => {
    await service.start();
    status.take(await service.getStatus());
  };
  // Not within `activate`: what follows would count as the editor's start.
  const starting = setImmediate(() => {
    start().catch((error: unknown) => log.error('The service did not start.', error));
  });
  if (vscode.window.state.focused) service.setFocused(Date.now());
  const parts: Disposable[] = [
    settings.onDidChange(() => service.setSettings(settings.current, settings.problems)),
    vscode.window.onDidChangeWindowState(state => {
      if (state.focused) service.setFocused(Date.now());
    }),
  ];
  return {
    dispose: () => {
      clearImmediate(starting);
      for (const part of parts) part.dispose();
    },
  };
}
