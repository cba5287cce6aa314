import { buildSync } from 'esbuild';
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { RaceOrder, RaceReport } from './race-child';

/** What a race showed. */
export interface RaceResult {
  /** Rounds run. */
  tried: number;
  /** Takeovers watched: after SIGKILL, and after a leader that let go. */
  takeovers: number;
  /** Rounds in which nobody led although somebody had to. */
  lost: number;
  /** Moments with two leaders. */
  twice: number;
  /** Leaders that were stopped (SIGSTOP) and superseded all the same. */
  superseded: number;
  slowestTakeoverMs: number;
  troubles: string[];
}

const PROCESSES = 20;
const PATIENCE_MS = 30_000;
/** How long a stopped leader is left alone: anything that goes by a timeout would have moved by then. */
const STOPPED_MS = 300;

class Runner {
  reports: RaceReport[] = [];
  isReady = false;
  private readonly child: ChildProcess;

  constructor(script: string) {
    this.child = fork(script, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.child.on('message', (message: RaceReport) => {
      if (message.kind === 'ready') this.isReady = true;
      this.reports.push(message);
    });
    this.child.on('error', error => this.reports.push({ kind: 'trouble', message: error.message }));
  }

  get isAlive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Its place of now: the last thing it said of it. */
  get place(): RaceReport | null {
    return (
      this.reports.findLast(({ kind }) => kind === 'lead' || kind === 'follow' || kind === 'lost') ?? null
    );
  }

  get isStopped(): boolean {
    return this.reports.at(-1)?.kind === 'stopped';
  }

  order(order: RaceOrder): void {
    if (order.kind === 'go') this.reports = [];
    // One that has just been killed hears nothing, which says nothing about the lead.
    this.child.send(order, () => undefined);
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

async function until(condition: () => boolean): Promise<boolean> {
  const end = Date.now() + PATIENCE_MS;
  while (!condition()) {
    if (Date.now() > end) return false;
    await delay(5);
  }
  return true;
}

async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>(resolve => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('No port.');
  return address.port;
}

/** One race: its processes, the folder they contend in, and what was seen. */
class Race {
  readonly result: RaceResult = {
    tried: 0,
    takeovers: 0,
    lost: 0,
    twice: 0,
    superseded: 0,
    slowestTakeoverMs: 0,
    troubles: [],
  };
  private runners: Runner[] = [];

  constructor(
    private readonly script: string,
    private readonly witnessPort: number,
  ) {}

  async fill(): Promise<void> {
    this.runners = this.runners.filter(runner => runner.isAlive);
    while (this.runners.length < PROCESSES) this.runners.push(new Runner(this.script));
    await until(() => this.runners.every(runner => runner.isReady || !runner.isAlive));
  }

  /** Lets all go at once in a folder; true when one leads and all others follow it. */
  async begin(folder: string): Promise<boolean> {
    for (const runner of this.runners) {
      runner.order({ kind: 'go', folder, witnessPort: this.witnessPort });
    }
    return await this.settled();
  }

  async settled(): Promise<boolean> {
    const isSettled = await until(() => {
      const alive = this.runners.filter(runner => runner.isAlive);
      const leader = this.leader();
      const place = leader?.place;
      if (place?.kind !== 'lead') return false;
      return alive.every(
        runner =>
          runner === leader || (runner.place?.kind === 'follow' && runner.place.epoch === place.epoch),
      );
    });
    if (!isSettled) this.result.lost += 1;
    return isSettled;
  }

  async killLeader(): Promise<void> {
    const leader = this.leader();
    if (!leader) return;
    const at = Date.now();
    leader.signal('SIGKILL');
    await until(() => !leader.isAlive);
    this.runners = this.runners.filter(runner => runner !== leader);
    await this.noteTakeover(at);
  }

  async dismissLeader(): Promise<void> {
    const leader = this.leader();
    if (!leader) return;
    const at = Date.now();
    leader.order({ kind: 'stop' });
    await until(() => leader.isStopped);
    this.runners = this.runners.filter(runner => runner !== leader);
    await this.noteTakeover(at);
    this.runners.push(leader);
  }

  async stopLeaderAwhile(): Promise<void> {
    const leader = this.leader();
    if (!leader) return;
    leader.signal('SIGSTOP');
    const late = new Runner(this.script);
    await until(() => late.isReady);
    await delay(STOPPED_MS);
    if (this.leader() !== leader || this.leaders() !== 1) this.result.superseded += 1;
    leader.signal('SIGCONT');
    if (this.leader() !== leader) this.result.superseded += 1;
    late.signal('SIGKILL');
  }

  async end(isRough: boolean): Promise<void> {
    for (const runner of this.runners) {
      if (isRough) runner.signal('SIGKILL');
      else if (runner.isAlive && !runner.isStopped) runner.order({ kind: 'stop' });
    }
    await until(() => this.runners.every(runner => !runner.isAlive || runner.isStopped));
    for (const { reports } of this.runners) {
      for (const report of reports) {
        if (report.kind === 'twice') this.result.twice += 1;
        if (report.kind === 'trouble') this.result.troubles.push(report.message);
      }
    }
    this.result.tried += 1;
  }

  private leaders(): number {
    return this.runners.filter(runner => runner.isAlive && runner.place?.kind === 'lead').length;
  }

  private leader(): Runner | null {
    return this.runners.find(runner => runner.isAlive && runner.place?.kind === 'lead') ?? null;
  }

  private async noteTakeover(at: number): Promise<void> {
    await until(() => this.leaders() > 0);
    const took = Date.now() - at;
    if (await this.settled()) {
      this.result.takeovers += 1;
      this.result.slowestTakeoverMs = Math.max(this.result.slowestTakeoverMs, took);
    }
  }
}

/** Leaves what a crash leaves: an epoch whose socket is gone, one whose file is no JSON, a half-written one. */
function litter(folder: string, round: number): void {
  const record = {
    address: join(tmpdir(), 'evsub-gone00', 's'),
    token: 'x'.repeat(32),
    pid: 2 ** 22 + round,
    extensionVersion: '1.0.0',
    protocol: 1,
    isReleased: false,
    heir: null,
  };
  writeFileSync(join(folder, `leader-${3 + (round % 5)}`), JSON.stringify(record));
  writeFileSync(join(folder, 'leader-2'), '{"address":');
  writeFileSync(join(folder, 'leader-00ff00ff00ff00ff.tmp'), '');
}

/** Runs rounds of 20 processes that start at once; needs the repository's root as the working directory. */
export async function run(rounds: number): Promise<RaceResult> {
  const root = mkdtempSync(join(tmpdir(), 'evsub-race-'));
  const script = join(root, 'race-child.js');
  buildSync({
    entryPoints: ['test/fault/service/race-child.ts'],
    outfile: script,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    logLevel: 'warning',
  });
  const race = new Race(script, await findFreePort());
  try {
    for (let round = 0; round < rounds; round++) {
      await race.fill();
      // Two rounds share a folder: the second finds what the first left.
      const folder = join(root, `round-${Math.floor(round / 2)}`);
      const isFresh = round % 2 === 0;
      if (!isFresh) litter(folder, round);
      if (await race.begin(folder)) {
        await race.stopLeaderAwhile();
        await race.killLeader();
        await race.dismissLeader();
      }
      await race.end(round % 4 === 0);
    }
    return race.result;
  } finally {
    await race.end(true);
    race.result.tried -= 1;
    rmSync(root, { recursive: true, force: true });
  }
}
