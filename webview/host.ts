import type { BirpcReturn } from 'birpc';
import { openChannel, type Port } from '../src/shared/rpc';
import {
  HOST_PUSHES,
  WEBVIEW_CALL_TIMEOUT_MS,
  type HostPushes,
  type WebviewCalls,
} from '../src/shared/webview-protocol';

/** The calls to the extension host; rejections are `ServiceError`s. */
export type HostCalls = BirpcReturn<WebviewCalls>;

interface EditorApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare global {
  // VS Code gives it to every webview's window; it may be called once.
  function acquireVsCodeApi(): EditorApi;
}

/** The editor at the other end: calls, and a small memory that survives a reload of the view. */
export interface Host {
  calls: HostCalls;
  loadMemory(): unknown;
  saveMemory(memory: unknown): void;
}

/** Joins the webview to its host; `pushes` hears everything that the host tells. Called once. */
export function connectHost(pushes: HostPushes): Host {
  const editor = acquireVsCodeApi();
  const port: Port = {
    post: message => editor.postMessage(message),
    listen: listener =>
      window.addEventListener('message', ({ data }: MessageEvent<string>) => listener(JSON.parse(data))),
  };
  const channel = openChannel<WebviewCalls, HostPushes>({
    port,
    handlers: pushes,
    callable: HOST_PUSHES,
    timeoutMs: WEBVIEW_CALL_TIMEOUT_MS,
    onProtocolError: error => reportError(error),
  });
  return {
    calls: channel.remote,
    loadMemory: () => editor.getState(),
    saveMemory: memory => editor.setState(memory),
  };
}
