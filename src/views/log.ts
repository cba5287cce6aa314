import * as vscode from 'vscode';
import type { Disposable, Logger } from '../shared/service';
import { formatLogLine } from './redact';

/** The log as the person sees it, under "EventSub" in the output panel. */
export interface Log extends Logger, Disposable {
  show(): void;
}

/** Opens the log. Every line is redacted; lines below the chosen level are not even put together. */
export function openLog(): Log {
  const channel = vscode.window.createOutputChannel('EventSub', { log: true });
  const isWanted = (level: vscode.LogLevel): boolean =>
    channel.logLevel !== vscode.LogLevel.Off && level >= channel.logLevel;
  return {
    error: (message, ...details) => channel.error(formatLogLine(message, details)),
    warn: (message, ...details) => channel.warn(formatLogLine(message, details)),
    info: (message, ...details) => {
      if (isWanted(vscode.LogLevel.Info)) channel.info(formatLogLine(message, details));
    },
    debug: (message, ...details) => {
      if (isWanted(vscode.LogLevel.Debug)) channel.debug(formatLogLine(message, details));
    },
    trace: (message, ...details) => {
      if (isWanted(vscode.LogLevel.Trace)) channel.trace(formatLogLine(message, details));
    },
    show: () => channel.show(true),
    dispose: () => channel.dispose(),
  };
}
