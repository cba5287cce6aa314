import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EVENT_TYPES } from '../../../src/shared/catalogue';
import type { EventPage } from '../../../src/shared/events';
import { createNodeFiles } from '../../../src/data/file-layer';
import type { DataEngine } from '../../../src/data/data-engine';
import { encodeNotification } from '../../../src/data/worker-protocol';
import { startSimulator, type Simulator } from '../../../src/simulator/simulator';
import { createAccount, type Account } from '../../../src/twitch/auth/account';
import { createEventSubManager } from '../../../src/twitch/eventsub-manager';
import { createHelixClient, type HelixClient } from '../../../src/twitch/helix-client';
import { createPoller, type Poller } from '../../../src/twitch/poller';
import type { EventSubManagerPort } from '../../../src/twitch/twitch-ports';
import { MemoryCredentialStore } from '../../support/memory-credential-store';
import { NetworkRig } from '../../support/network-rig';
import { createFaultEngine } from '../data/fault-engine';
import { createRandom, emptyReport, type FaultReport } from '../data/fault-report';

const HOUR_MS = 3_600_000;
const HOURS_A_DAY = 24;
/** Real time in which what is on its way over the loopback arrives, and how long a state may take to settle. */
const ARRIVAL_MS = 4;

/** What simulated days came to. */
export interface WeeksResult extends FaultReport {
  requests: Readonly<Record<string, number>>;
  /** Timers that were set at the end of the first day and of the last. */
  timers: { first: number; last: number };
}

interface Station {
  rig: NetworkRig;
  simulator: Simulator;
  account: Account;
  helix: HelixClient;
  poller: Poller;
  manager: EventSubManagerPort;
  engine: DataEngine;
  /** What is on its way into the database. */
  records: Promise<unknown>[];
}

/**
 * Lives so many days on a clock that is moved by hand, with the real account, manager, poller and database against
 * the simulator: people come and go, sessions end, tokens expire. At the end of each day the database agrees with
 * the channel, and at the end of all nothing has piled up.
 */
export async function run(days: number): Promise<WeeksResult> {
  const report: WeeksResult = { ...emptyReport(), requests: {}, timers: { first: 0, last: 0 } };
  const folder = mkdtempSync(join(tmpdir(), 'evsub-weeks-'));
  const random = createRandom(days);
  const station = await open(folder);
  try {
    for (let day = 1; day <= days; day++) {
      report.tried++;
      for (let hour = 0; hour < HOURS_A_DAY; hour++) await liveAnHour(station, random, hour);
      await compareDay(report, station, day);
      const timers = station.rig.clock.pendingTimers;
      if (day === 1) report.timers.first = timers;
      report.timers.last = timers;
    }
    await countFollows(report, station.engine);
    report.requests = station.simulator.requestCounts();
    judge(report, days);
  } finally {
    await close(station);
    if (station.rig.clock.pendingTimers > 0) report.notes.push('Timers are left at the end.');
    rmSync(folder, { recursive: true, force: true });
  }
  return report;
}

async function open(folder: string): Promise<Station> {
  const rig = new NetworkRig();
  const { clock, logger, send } = rig;
  const simulator = await startSimulator({
    stateFile: null,
    clock,
    followers: 30,
    timings: { pingEveryMs: 0, keepaliveTimeoutSeconds: 600, accessTokenSeconds: 4 * 3600 },
  });
  const { endpoints } = simulator;
  const store = new MemoryCredentialStore();
  await store.store({ issuer: endpoints.issuer, generation: 1, tokens: simulator.issueToken() });
  const account = createAccount({ endpoints, store, logger, clock, send, onChange: () => undefined });
  await rig.during(account.start());
  const engine = createFaultEngine(createNodeFiles());
  await engine.open({ folder, retentionDays: 0 });
  const clientId = (): string => account.getTokens()?.clientId ?? '';
  const helix = createHelixClient({ endpoints, clientId, tokens: account, logger, clock, send });
  const channelId = simulator.channel.id;
  const poller = createPoller({
    helix,
    recorder: engine,
    channelId,
    userId: channelId,
    scopes: () => account.getTokens()?.scopes ?? null,
    options: {
      kinds: ['followers', 'roles', 'subscriptions'],
      followersMs: 60_000,
      rolesMs: 30 * 60_000,
      reconcileMs: 3 * HOUR_MS,
    },
    logger,
    clock,
  });
  const manager = createEventSubManager({
    endpoints,
    keepaliveTimeoutSeconds: 600,
    events: EVENT_TYPES,
    logger,
    clock,
  });
  const station: Station = { rig, simulator, account, helix, poller, manager, engine, records: [] };
  wire(station, clientId());
  await settle(station);
  return station;
}

function wire({ simulator, account, poller, manager, engine, records }: Station, clientId: string): void {
  manager.on('status', ({ session }) =>
    poller.setLive(['live', 'doubting', 'handover'].includes(session.kind)),
  );
  manager.on('gapClosed', () => poller.catchUp());
  manager.on('event', input => {
    records.push(engine.recordLines(Buffer.from(encodeNotification(input)), [1], null));
  });
  manager.initialize({
    userId: simulator.channel.id,
    channelId: simulator.channel.id,
    clientId,
    getAccessToken: () => account.getAccessToken(),
    renewAccessToken: refused => account.renewAccessToken(refused),
    grantedScopes: account.getTokens()?.scopes ?? null,
  });
  poller.start();
  manager.connect();
}

/** Things happen, seen or unseen; now and then the session ends in some way. */
async function liveAnHour(station: Station, random: () => number, hour: number): Promise<void> {
  const { simulator } = station;
  const pick = (people: readonly { login: string }[]): string =>
    people[Math.floor(random() * people.length)]?.login ?? '';
  await simulator.scenes.followBots(2);
  if (hour % 4 === 1) await simulator.scenes.oneOfEach();
  if (hour % 6 === 2) simulator.makeOffline({ kind: 'follow', user: `unseen_${Math.floor(random() * 1e9)}` });
  if (hour % 8 === 3) simulator.makeOffline({ kind: 'unfollow', user: pick(simulator.state().followers) });
  if (hour % 5 === 0) {
    const faults = [
      { kind: 'terminate' },
      { kind: 'reconnect', sessionId: 'new' },
      { kind: 'close', code: 4000 },
      { kind: 'close', code: 4005 },
    ] as const;
    const fault = faults[Math.floor(random() * faults.length)];
    if (fault) simulator.faults.inject(fault);
  }
  await settle(station);
  await pass(station, HOUR_MS);
}

function isBusy({ manager }: Station): boolean {
  const { session, subscriptions } = manager.getStatus();
  return session.kind !== 'live' || subscriptions.some(({ state }) => state.kind !== 'live');
}

/** Waits, while hardly any time passes on the clock, until the session is live with all of its subscriptions. */
async function settle(station: Station): Promise<void> {
  await delay(ARRIVAL_MS);
  await station.rig.settle();
  for (let turn = 0; turn < 5_000 && isBusy(station); turn++) {
    await delay(ARRIVAL_MS);
    await station.rig.settle();
    // A backoff has to end and a timeout has to strike, but slower than what is on its way can arrive.
    station.rig.clock.step(100);
  }
  await Promise.all(station.records.splice(0));
}

async function pass(station: Station, ms: number): Promise<void> {
  const { clock } = station.rig;
  const end = clock.monotonic() + ms;
  let nextArrival = clock.monotonic();
  while (clock.monotonic() < end) {
    await station.rig.settle();
    // Keepalives are due every ten minutes: looked out for well within their grace.
    if (clock.monotonic() >= nextArrival) {
      await delay(1);
      nextArrival = clock.monotonic() + 15_000;
    }
    if (isBusy(station)) await settle(station);
    clock.step(end - clock.monotonic());
  }
  await Promise.all(station.records.splice(0));
}

/** All polls are run, and then the database must know the channel as it is. */
async function compareDay(report: FaultReport, station: Station, day: number): Promise<void> {
  const { rig, poller, simulator, engine } = station;
  await rig.during(poller.runAll(new AbortController().signal, () => undefined));
  const state = simulator.state();
  const { now } = await engine.getStatistics('all');
  const expected = [state.followers.length, state.moderators.length, state.vips.length];
  const found = [now.followers, now.moderators, now.vips];
  if (JSON.stringify(expected) !== JSON.stringify(found)) {
    report.lost += expected.reduce((sum, count, index) => sum + Math.max(0, count - (found[index] ?? 0)), 0);
    report.notes.push(
      `day ${day}: followers, moderators, VIPs are ${String(expected)}, known ${String(found)}.`,
    );
  }
}

/** Nobody in this story follows a second time. */
async function countFollows(report: FaultReport, engine: DataEngine): Promise<void> {
  const seen = new Set<string>();
  let page: EventPage = { events: [], next: null };
  do {
    page = await engine.queryEvents({ families: ['follows'] }, page.next, 500, null);
    for (const { type, viewer } of page.events) {
      if (type !== 'channel.follow' || viewer === null) continue;
      if (seen.has(viewer.id)) report.twice++;
      seen.add(viewer.id);
    }
  } while (page.next !== null);
}

/** Neither too seldom nor too often: by the hour, the token's life and the reconcile. */
function judge(report: WeeksResult, days: number): void {
  const bounds: Record<string, [number, number]> = {
    validate: [24 * days, 32 * days + 10],
    token: [5 * days, 8 * days + 4],
    moderators: [8 * days, 30 * days + 10],
  };
  for (const [route, [least, most]] of Object.entries(bounds)) {
    const count = report.requests[route] ?? 0;
    if (count < least || count > most) {
      report.notes.push(`${route} was asked ${count} times in ${days} days, not ${least} to ${most} times.`);
    }
  }
  if (report.timers.last > report.timers.first + 3) report.notes.push('Timers pile up.');
}

async function close(station: Station): Promise<void> {
  await Promise.all([station.manager.destroy(), station.poller.stop()]);
  station.account.dispose();
  station.helix.dispose();
  await station.simulator.close();
  station.rig.dispose();
  await station.engine.close();
}
