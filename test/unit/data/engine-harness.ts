import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { NotificationInput, OpenReport, RecordResult } from '../../../src/shared/data-service';
import type { FeedEvent } from '../../../src/shared/events';
import type { StorageStatus } from '../../../src/shared/service';
import { DataEngine } from '../../../src/data/data-engine';
import { createNodeFiles, type FileLayer } from '../../../src/data/file-layer';
import { encodeNotification } from '../../../src/data/worker-protocol';

export const WASM_PATH = join(process.cwd(), 'node_modules', 'sql.js', 'dist', 'sql-wasm.wasm');
export const CHANNEL = '1337';

let wasm: Uint8Array | null = null;

export function loadWasm(): Promise<Uint8Array> {
  wasm ??= readFileSync(WASM_PATH);
  return Promise.resolve(wasm);
}

/** An engine on a folder of its own, with everything that it told. */
export class Harness {
  readonly folder: string;
  readonly statuses: StorageStatus[] = [];
  readonly notices: string[] = [];
  readonly pushed: RecordResult[] = [];
  readonly progress: [string, number, number][] = [];
  engine: DataEngine;
  nowMs = Date.parse('2026-11-29T12:00:00.000Z');

  constructor(
    readonly files: FileLayer = createNodeFiles(),
    folder?: string,
  ) {
    this.folder = folder ?? mkdtempSync(join(tmpdir(), 'eventsub-data-'));
    this.engine = this.build();
  }

  open(retentionDays = 0): Promise<OpenReport> {
    return this.engine.open({ folder: this.folder, retentionDays });
  }

  /** Closes properly and opens again, as after a restart. */
  async restart(): Promise<OpenReport> {
    await this.engine.close();
    return this.reopen();
  }

  /** Opens again without closing, as after a crash; what the old engine still does is its own affair. */
  reopen(): Promise<OpenReport> {
    this.engine = this.build();
    return this.open();
  }

  async record(...inputs: NotificationInput[]): Promise<RecordResult> {
    const lines = inputs.map(encodeNotification).join('\n');
    const [share] = JSON.parse(
      await this.engine.recordLines(Buffer.from(lines), [inputs.length], null),
    ) as RecordResult[];
    if (!share) throw new Error('No answer.');
    return share;
  }

  async feed(): Promise<FeedEvent[]> {
    return (await this.engine.queryEvents({}, null, 500, null)).events;
  }

  /** Rows of the file that a snapshot writes, as any SQLite tool would see them. */
  async rows(sql: string): Promise<unknown[][]> {
    await this.engine.snapshot();
    const { default: initSqlJs } = await import('sql.js');
    const sqlite = await initSqlJs({ wasmBinary: (await loadWasm()) as never });
    const database = new sqlite.Database(readFileSync(join(this.folder, 'eventsub.sqlite')));
    try {
      return database.exec(sql)[0]?.values ?? [];
    } finally {
      database.close();
    }
  }

  async dispose(): Promise<void> {
    await this.engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  private build(): DataEngine {
    return new DataEngine({
      files: this.files,
      loadWasm,
      now: () => this.nowMs,
      pushes: {
        recordedText: text => this.pushed.push(JSON.parse(text) as RecordResult),
        storageChanged: status => this.statuses.push(status),
        exportProgress: (...progress) => this.progress.push(progress),
        notice: message => this.notices.push(message),
        failed: () => undefined,
      },
    });
  }
}

let lastId = 0;

export interface MadeOptions {
  at?: string;
  messageId?: string;
  subscriptionId?: string;
  receivedAtMs?: number;
  isLate?: boolean;
}

/** A notification of a type with a unique message id. */
export function notification(
  type: string,
  event: Record<string, unknown>,
  options: MadeOptions = {},
): NotificationInput {
  const at = options.at ?? '2026-11-29T11:59:00.123456789Z';
  return {
    messageId: options.messageId ?? `00000000-0000-4000-8000-${String(++lastId).padStart(12, '0')}`,
    messageTimestamp: at,
    type,
    version: '1',
    subscriptionId: options.subscriptionId ?? `subscription-${type}`,
    eventJson: JSON.stringify(event),
    receivedAtMs: options.receivedAtMs ?? Date.parse(at),
    isLate: options.isLate ?? false,
  };
}

export function person(id: string, name = `Viewer_${id}`): Record<string, unknown> {
  return {
    user_id: id,
    user_login: name.toLowerCase(),
    user_name: name,
    broadcaster_user_id: CHANNEL,
    broadcaster_user_login: 'cooler_user',
    broadcaster_user_name: 'Cooler_User',
  };
}

export function follow(id: string, at?: string, options: MadeOptions = {}): NotificationInput {
  const followedAt = at ?? '2026-11-29T11:59:00.123456789Z';
  return notification(
    'channel.follow',
    { ...person(id), followed_at: followedAt },
    { at: followedAt, ...options },
  );
}

export function subscribe(
  id: string,
  isGift = false,
  options: MadeOptions = {},
  tier = '1000',
): NotificationInput {
  return notification('channel.subscribe', { ...person(id), tier, is_gift: isGift }, options);
}

export function gift(
  id: string | null,
  total: number,
  options: MadeOptions = {},
  tier = '1000',
): NotificationInput {
  const giver = id === null ? { user_id: null, user_login: null, user_name: null } : {};
  return notification(
    'channel.subscription.gift',
    {
      ...person(id ?? '0'),
      ...giver,
      total,
      tier,
      cumulative_total: null,
      is_anonymous: id === null,
    },
    options,
  );
}
