import type { DataPushes, DataService, NotificationInput, RecordResult } from '../shared/data-service';

/** What the worker is given when it starts. */
export interface WorkerStart {
  /** Where `sql-wasm.wasm` lies. */
  wasmPath: string;
}

/**
 * The worker's own calls: those of `DataService`, but notifications come as the bytes of one text (UTF-8, a
 * line each) and results go back as one JSON text, so that a burst costs no object by object copying between the threads.
 */
export interface WorkerCalls extends Omit<DataService, 'record'> {
  /**
   * `counts` says how many lines belong to each call that was put together into this text. `resentAfter` is
   * null, or for a batch that may already have been recorded by a worker that died the highest `events.id`
   * that was acknowledged before.
   */
  recordLines(lines: Uint8Array, counts: number[], resentAfter: number | null): Promise<string>;
}

/** One call's share of `recordLines`' answer, which is a JSON array of these. */
export type RecordShare = RecordResult;

/** The worker's pushes: results travel as JSON text here too. */
export interface WorkerPushes extends Omit<DataPushes, 'recorded'> {
  recordedText(result: string): void;
}

export const WORKER_CALLS = [
  'open',
  'recordLines',
  'queryEvents',
  'cancelSearch',
  'getEvent',
  'getViewer',
  'getStatistics',
  'getToday',
  'markRead',
  'setRetention',
  'exportEvents',
  'cancelExport',
  'snapshot',
  'close',
  'getSweepMarks',
  'beginSweep',
  'addSweepPage',
  'finishSweep',
  'confirmRemovals',
  'abandonSweep',
] as const satisfies readonly (keyof WorkerCalls)[];

export const WORKER_PUSHES = [
  'recordedText',
  'storageChanged',
  'exportProgress',
  'notice',
  'failed',
] as const satisfies readonly (keyof WorkerPushes)[];

/** Separates two lines. */
export const LINE_FEED = 10;

/** Separates a line's head (which has no raw tab, being compact JSON) from the event's JSON. */
export const HEAD_END = '\t';

const PLAIN = /^[\w:.+-]*$/;

function quote(text: string): string {
  return PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

/**
 * Writes a notification as the line that travels to the worker and into the journal: a JSON array, a tab, the
 * event's JSON as it came (line breaks in it can only stand between tokens, and become spaces).
 */
export function encodeNotification(input: NotificationInput): string {
  const event = /[\r\n]/.test(input.eventJson) ? input.eventJson.replace(/[\r\n]/g, ' ') : input.eventJson;
  return `["n",${quote(input.messageId)},${quote(input.messageTimestamp)},${quote(input.type)},${quote(
    input.version,
  )},${quote(input.subscriptionId)},${Math.round(input.receivedAtMs)},${input.isLate ? 1 : 0}]${HEAD_END}${event}`;
}
