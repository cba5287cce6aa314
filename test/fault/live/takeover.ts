import type { EventPage } from '../../../src/shared/events';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { buildWorkerBundle } from '../../unit/service/leader-bundle';
import { makeFolder, makeSettings, until } from '../../unit/service/support';
import { WindowProcess } from '../../unit/service/window-process';
import { compare, emptyReport, type FaultReport } from '../data/fault-report';

/** What kills of leading windows came to. */
export interface TakeoverResult extends FaultReport {
  slowestMs: number;
}

const WINDOWS = 3;
const PATIENCE_MS = 60_000;

/**
 * Kills the leading window of three, each a process of its own, again and again while people follow: another leads,
 * and at the end everyone who followed is in the database once, and was told at most once in each window.
 */
export async function run(count: number): Promise<TakeoverResult> {
  const report: TakeoverResult = { ...emptyReport(), slowestMs: 0 };
  const folder = makeFolder();
  const simulator = await startSimulator({ stateFile: null, followers: 5 });
  const windows: WindowProcess[] = [];
  try {
    const open = (): void => void windows.push(openWindow(simulator, folder.path));
    for (let index = 0; index < WINDOWS; index++) open();
    const sent = new Set<string>();
    for (let round = 0; round < count; round++) {
      await untilSettled(windows);
      const leader = windows.find(({ status }) => status?.role === 'leader');
      if (!leader) throw new Error('Nobody leads.');
      const sending = sendAround(simulator, round, sent);
      const killedAt = Date.now();
      await leader.kill();
      windows.splice(windows.indexOf(leader), 1);
      await until(
        () => windows.some(({ status }) => status?.role === 'leader'),
        'another leader',
        PATIENCE_MS,
      );
      report.slowestMs = Math.max(report.slowestMs, Date.now() - killedAt);
      await sending;
      report.tried++;
      open();
    }
    await untilSettled(windows);
    await checkAll(report, windows, sent);
  } finally {
    await Promise.all(windows.map(window => window.kill()));
    await simulator.close();
    folder.remove();
  }
  return report;
}

function openWindow(simulator: Simulator, storageFolder: string): WindowProcess {
  const { websocketUrl, subscriptionsUrl, helixUrl, authUrl } = simulator.endpoints;
  const customServer = { websocketUrl, subscriptionsUrl, helixUrl, authUrl };
  return new WindowProcess({
    storageFolder,
    bundleFolder: buildWorkerBundle(),
    extensionVersion: '1.0.0',
    settings: makeSettings({ server: 'custom', customServer }),
    credentials: { issuer: `custom:${authUrl}`, generation: 1, tokens: simulator.issueToken() },
  });
}

async function untilSettled(windows: readonly WindowProcess[]): Promise<void> {
  await until(
    () =>
      windows.every(
        ({ status }) =>
          status !== null &&
          status.role !== 'starting' &&
          status.session.kind === 'live' &&
          status.subscriptions.every(({ state }) => state.kind === 'live') &&
          status.polls.every(({ last, state }) => last !== null && state.kind === 'scheduled'),
      ),
    'every window to be live',
    PATIENCE_MS,
  );
}

/** People who follow before, while and after the leader is killed. */
async function sendAround(simulator: Simulator, round: number, sent: Set<string>): Promise<void> {
  for (let index = 0; index < 6; index++) {
    const viewer = `R${round}_${index}`;
    await simulator.send({ type: 'channel.follow', viewer, count: 1 });
    sent.add(viewer);
    await new Promise(resolve => setTimeout(resolve, 10));
  }
}

async function checkAll(
  report: FaultReport,
  windows: readonly WindowProcess[],
  sent: ReadonlySet<string>,
): Promise<void> {
  const [first] = windows;
  if (!first) return;
  const stored = async (): Promise<string[]> => {
    const names: string[] = [];
    let page: EventPage = { events: [], next: null };
    do {
      page = await first.call('queryEvents', {}, page.next, 500, null);
      names.push(...page.events.map(({ viewer }) => viewer?.displayName ?? ''));
    } while (page.next !== null);
    return names;
  };
  await until(async () => new Set(await stored()).size >= sent.size, 'everyone', PATIENCE_MS).catch(
    () => undefined,
  );
  compare(report, sent, await stored(), 'at the end');
  for (const window of windows) {
    const ids = window.events.map(({ id }) => id);
    report.twice += ids.length - new Set(ids).size;
  }
}
