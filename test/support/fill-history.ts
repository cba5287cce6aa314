import fs from 'node:fs';
import path from 'node:path';
import { createDataClient } from '../../src/data/data-client';
import type { NotificationInput } from '../../src/shared/data-service';
import type { Logger } from '../../src/shared/service';
import { repositoryRoot } from './vscode/paths';

const BATCH = 2_000;
const MINUTE_MS = 60_000;
const CHANNEL = '100300500';

const ignore = (): void => undefined;
const silent: Logger = { error: ignore, warn: ignore, info: ignore, debug: ignore, trace: ignore };

/** The event with this number of a made-up history: follows, and a VIP now and then; each by somebody else. */
function makeNotification(index: number, count: number): NotificationInput {
  const at = new Date(Date.now() - (count - index) * MINUTE_MS).toISOString();
  const isVip = index % 50 === 0;
  return {
    messageId: `history-${index}`,
    messageTimestamp: at,
    type: isVip ? 'channel.vip.add' : 'channel.follow',
    version: isVip ? '1' : '2',
    subscriptionId: 'history',
    eventJson: JSON.stringify({
      user_id: String(1_000_000 + index),
      user_login: `viewer_${index}`,
      user_name: `Viewer_${index}`,
      broadcaster_user_id: CHANNEL,
      broadcaster_user_login: 'demo_channel',
      broadcaster_user_name: 'Demo_Channel',
      ...(isVip ? {} : { followed_at: at }),
    }),
    receivedAtMs: Date.parse(at),
    isLate: false,
  };
}

/** Makes a database of `count` events, one a minute up to now, the way that the extension itself would. */
export async function fillHistory(folder: string, count: number): Promise<void> {
  fs.mkdirSync(folder, { recursive: true });
  const client = createDataClient({
    workerPath: path.join(repositoryRoot, 'dist', 'data-worker.js'),
    logger: silent,
    pushes: {
      recorded: ignore,
      storageChanged: ignore,
      exportProgress: ignore,
      notice: ignore,
      failed: ignore,
    },
  });
  try {
    await client.open({ folder, retentionDays: 0 });
    for (let from = 0; from < count; from += BATCH) {
      const size = Math.min(BATCH, count - from);
      await client.record(
        Array.from({ length: size }, (_, offset) => makeNotification(from + offset, count)),
      );
    }
    await client.close();
  } finally {
    await client.dispose();
  }
}
