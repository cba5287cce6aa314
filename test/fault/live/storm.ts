import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { ServiceMethod } from '../../../src/shared/service-methods';
import { createRandom, emptyReport, type FaultReport } from '../data/fault-report';
import { LiveStage, until } from './live-stage';
import { checkStored } from './stored-followers';

/** Calls under way at once. */
const AT_ONCE = 8;

/**
 * Calls the contract in any order, many at once, while people follow and faults strike; then asks for a connection:
 * it must be live with one socket, every subscription and everyone who followed, once.
 */
export async function run(count: number): Promise<FaultReport> {
  const report = emptyReport();
  const random = createRandom(Date.now());
  const stage = await LiveStage.open({ followers: 10, timings: {} });
  const end = new AbortController();
  try {
    let sent = 0;
    const following = (async (): Promise<void> => {
      while (!end.signal.aborted) {
        await stage.control({ do: 'followBots', count: 20, perSecond: 50 });
        sent += 20;
      }
    })();
    const underWay = new Set<Promise<void>>();
    for (report.tried = 0; report.tried < count; report.tried++) {
      const call = storm(stage, random, report);
      underWay.add(call);
      void call.then(() => underWay.delete(call));
      if (underWay.size >= AT_ONCE) await Promise.race(underWay);
    }
    await Promise.all(underWay);
    end.abort();
    await following;
    await stage.control({ do: 'clear' });
    for (const type of EVENT_TYPES) await call(stage, 'subscribe', [type]);
    await call(stage, 'connect', []);
    await call(stage, 'retry', [null]);
    await until('the end of the storm to be live', () => stage.isLive());
    await call(stage, 'refresh', []);
    await until('the last polls', () => stage.isPolled());
    const sessions = await stage.control<{ sockets: number }[]>({ do: 'sessions' });
    const sockets = sessions.reduce((sum, session) => sum + session.sockets, 0);
    if (sockets !== 1) report.notes.push(`${sockets} sockets are open.`);
    await checkStored(stage, report, sent);
    await stage.dispose();
  } finally {
    end.abort();
    await stage.close();
  }
  return report;
}

async function call(stage: LiveStage, method: ServiceMethod, args: unknown[]): Promise<void> {
  await stage.ask<'call'>({ kind: 'call', method, args });
}

async function storm(stage: LiveStage, random: () => number, report: FaultReport): Promise<void> {
  const type = EVENT_TYPES[Math.floor(random() * EVENT_TYPES.length)] ?? 'channel.follow';
  const calls: [ServiceMethod, unknown[]][] = [
    ['connect', []],
    ['connect', []],
    ['disconnect', []],
    ['subscribe', [type]],
    ['unsubscribe', [type]],
    ['retry', [null]],
    ['retry', [type]],
    ['refresh', []],
    ['getSnapshot', [{}, 50]],
    ['getStatistics', ['7days']],
    ['queryEvents', [{ text: 'bot' }, null, 50, 'storm']],
    ['cancelSearch', ['storm']],
    ['markRead', [Math.floor(random() * 500)]],
    ['getStatus', []],
  ];
  if (random() < 0.1) {
    await stage.control({
      do: 'inject',
      fault: random() < 0.5 ? { kind: 'terminate' } : { kind: 'reconnect' },
    });
  }
  const [method, args] = calls[Math.floor(random() * calls.length)] ?? ['getStatus', []];
  try {
    await call(stage, method, args);
  } catch (error: unknown) {
    // A refusal is an answer; what nobody foresaw is not.
    const text = String(error);
    if (!/ServiceError/.test(text)) report.notes.push(`${method}: ${text}`);
  }
}
