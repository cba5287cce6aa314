import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotificationInput, RecordResult } from '../../../src/shared/data-service';
import type { EventCursor } from '../../../src/shared/events';
import { DataEngine } from '../../../src/data/data-engine';
import type { FileLayer } from '../../../src/data/file-layer';
import { encodeNotification } from '../../../src/data/worker-protocol';

const WASM_PATH = join(process.cwd(), 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');

/** An engine that tells nobody anything, for programs that break it. */
export function createFaultEngine(files: FileLayer): DataEngine {
  return new DataEngine({
    files,
    loadWasm: () => Promise.resolve(readFileSync(WASM_PATH)),
    pushes: {
      recordedText: () => undefined,
      storageChanged: () => undefined,
      exportProgress: () => undefined,
      notice: () => undefined,
      failed: () => undefined,
    },
  });
}

const TYPES = ['channel.follow', 'channel.vip.add', 'channel.subscribe', 'channel.moderator.add'] as const;

/** The notification that belongs to a viewer, the same each time it is made. */
export function notificationOf(viewerId: string): NotificationInput {
  const number = Number(viewerId);
  const type = TYPES[number % TYPES.length] ?? 'channel.follow';
  const at = new Date(Date.parse('2026-11-01T00:00:00.000Z') + number * 1000).toISOString();
  return {
    messageId: `10000000-0000-4000-8000-${viewerId.padStart(12, '0')}`,
    messageTimestamp: at,
    type,
    version: '1',
    subscriptionId: 'the-only-one',
    eventJson: JSON.stringify({
      user_id: viewerId,
      user_login: `viewer_${viewerId}`,
      user_name: `Viewer_${viewerId}`,
      broadcaster_user_id: '1337',
      tier: '1000',
      is_gift: false,
      followed_at: at,
    }),
    receivedAtMs: Date.parse(at),
    isLate: false,
  };
}

/** Records these viewers' notifications in one batch; answers how many were new. */
export async function recordViewers(engine: DataEngine, viewerIds: readonly string[]): Promise<RecordResult> {
  const lines = viewerIds.map(id => encodeNotification(notificationOf(id))).join('\n');
  const shares = JSON.parse(
    await engine.recordLines(Buffer.from(lines), [viewerIds.length], null),
  ) as RecordResult[];
  const [share] = shares;
  if (!share) throw new Error('No answer.');
  return share;
}

/** The viewer of every stored event, one for each event. */
export async function storedViewers(engine: DataEngine): Promise<string[]> {
  const ids: string[] = [];
  let cursor: EventCursor | null = null;
  do {
    const page: Awaited<ReturnType<DataEngine['queryEvents']>> = await engine.queryEvents(
      {},
      cursor,
      500,
      null,
    );
    ids.push(...page.events.map(event => event.viewer?.id ?? 'nobody'));
    cursor = page.next;
  } while (cursor !== null);
  return ids;
}
