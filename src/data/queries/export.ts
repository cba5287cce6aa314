import { join, dirname, basename } from 'node:path';
import { describeType, type EventFilter, type FeedEvent } from '../../shared/events';
import { ServiceError } from '../../shared/service';
import { nextTurn } from '../../shared/turns';
import type { FileLayer } from '../file-layer';
import { queryEvents, MOST_PER_PAGE, type FeedQueryContext } from './feed';

const COLUMNS = [
  'id',
  'occurred_at',
  'received_at',
  'event_type',
  'description',
  'viewer_id',
  'viewer_login',
  'viewer_name',
  'channel_id',
  'tier',
  'is_gift',
  'total',
  'source',
  'message_id',
  'event_data',
] as const;

export interface ExportRun {
  files: FileLayer;
  context: FeedQueryContext;
  format: 'csv' | 'jsonl';
  filter: EventFilter;
  path: string;
  /** How many there are in all, as far as is known, for the progress. */
  total: number;
  isCancelled: () => boolean;
  report: (done: number, total: number) => void;
}

/**
 * Writes the events of a filter, newest first, to a temporary file beside `path` and renames it at the end. It
 * goes page by page and gives way between them. Cancelled or failed, it leaves nothing behind.
 */
export async function exportEvents(run: ExportRun): Promise<{ count: number }> {
  const { files, path } = run;
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.part`);
  const file = await files.create(temporary);
  let count = 0;
  try {
    try {
      // The mark tells spreadsheets that the text is UTF-8.
      if (run.format === 'csv') await file.append(Buffer.from(`\ufeff${COLUMNS.join(',')}\r\n`));
      for await (const events of pages(run)) {
        await file.append(Buffer.from(events.map(event => formatEvent(run, event)).join('')));
        count += events.length;
        run.report(count, Math.max(count, run.total));
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.remove(temporary).catch(() => undefined);
    throw error;
  }
  return { count };
}

async function* pages(run: ExportRun): AsyncGenerator<FeedEvent[]> {
  let cursor = null;
  do {
    if (run.isCancelled()) throw new ServiceError('cancelled', 'The export was cancelled.');
    const page = queryEvents(run.context, run.filter, cursor, MOST_PER_PAGE);
    if (page.events.length > 0) yield page.events;
    cursor = page.next;
    await nextTurn();
  } while (cursor !== null);
}

function formatEvent(run: ExportRun, event: FeedEvent): string {
  const stored = run.context.database
    .prepare('SELECT message_id, event_data FROM events WHERE id = ?1')
    .first([event.id], row => ({ messageId: row.text(0), json: row.text(1) }));
  const messageId = stored?.messageId ?? '';
  const json = stored?.json ?? '';
  if (run.format === 'jsonl') {
    return `${JSON.stringify({ ...event, description: describeType(event.type), messageId, data: readJson(json) })}\n`;
  }
  const cells: (string | number | null)[] = [
    event.id,
    event.occurredAt,
    event.receivedAt,
    event.type,
    describeType(event.type),
    event.viewer?.id ?? null,
    event.viewer?.login ?? null,
    event.viewer?.displayName ?? null,
    event.channelId,
    event.tier,
    event.isGift ? 1 : 0,
    event.total,
    event.source,
    messageId,
    json,
  ];
  return `${cells.map(formatCell).join(',')}\r\n`;
}

function readJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    if (error instanceof SyntaxError) return json;
    throw error;
  }
}

/** A cell by RFC 4180; one that a spreadsheet would run as a formula begins with an apostrophe. */
export function formatCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
