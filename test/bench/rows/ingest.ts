import type { BenchOptions } from '../bench-options';
import { scaled } from '../bench-options';
import { stagedBundles, type ProgramName } from '../bundles';
import type { Figure } from '../figures';
import { Program } from '../program';
import type { FrameServerCalls } from '../programs/frame-server';
import type { IngestCalls } from '../programs/ingest-ours';

const FRAMES = 200_000;

interface Measured {
  perSecond: number;
  /** Processor time of all threads of the client for an event: other work on the machine changes it little. */
  cpuUs: number;
}

async function measureOnce(
  name: ProgramName,
  server: Program<FrameServerCalls>,
  port: number,
  count: number,
  options: BenchOptions,
): Promise<Measured> {
  const isOurs = name === 'ingest-ours';
  const client = Program.start<IngestCalls>(name, {
    environment: { TWURPLE_MOCK_API_PORT: String(port) },
    nodeOptions:
      isOurs && options.profiles !== null ? ['--cpu-prof', `--cpu-prof-dir=${options.profiles}`] : [],
  });
  try {
    await client.ask('begin', { port, count, bundleFolder: stagedBundles });
    // Again for each: what is older than ten minutes some of them drop.
    await server.ask('prepare', { from: 0, count });
    const cpuBefore = await client.ask('cpu', {});
    const finished = client.ask('finish', {});
    const startedAt = await server.ask('send', {});
    const { at: finishedAt, cpuUs } = await finished;
    const verified = await client.ask('verify', {});
    if (verified !== count) throw new Error(`${name} has ${verified} of ${count} events.`);
    return { perSecond: (count / (finishedAt - startedAt)) * 1000, cpuUs: (cpuUs - cpuBefore) / count };
  } finally {
    await client.end();
  }
}

/** Frames from a local socket until acknowledged, beside two peers that store nothing. */
export async function measureIngest(options: BenchOptions): Promise<Figure[]> {
  const count = scaled(FRAMES, options);
  const server = Program.start<FrameServerCalls>('frame-server');
  const runs: Record<'ours' | 'parse' | 'twurple', Measured[]> = { ours: [], parse: [], twurple: [] };
  try {
    const port = await server.ask('listen', { keepalives: false });
    for (let run = 0; run < options.runs; run++) {
      for (const which of ['parse', 'twurple', 'ours'] as const) {
        runs[which].push(await measureOnce(`ingest-${which}`, server, port, count, options));
      }
      const last = (which: keyof typeof runs): string => {
        const measured = runs[which].at(-1);
        return `${(measured?.perSecond ?? 0).toFixed(0)} (${(measured?.cpuUs ?? 0).toFixed(1)} µs)`;
      };
      options.say(
        `ingest ${run + 1}: parse ${last('parse')}, twurple ${last('twurple')}, ours ${last('ours')} /s`,
      );
    }
  } finally {
    await server.end();
  }
  const rates = (which: keyof typeof runs): number[] => runs[which].map(({ perSecond }) => perSecond);
  const what = `${count} channel.follow, socket to acknowledged`;
  return [
    {
      row: 'ingest',
      what,
      unit: 'events/s',
      runs: rates('ours'),
      beside: { what: '(a) ws + JSON.parse', runs: rates('parse') },
      target: null,
    },
    {
      row: 'ingest',
      what,
      unit: 'events/s',
      runs: rates('ours'),
      beside: { what: '(b) @twurple/eventsub-ws, counting', runs: rates('twurple') },
      target: { sense: 'atLeast', ratio: 0.35, says: '0.35 of (b)' },
    },
    {
      row: 'ingest',
      what: 'processor time of an event, all threads',
      unit: 'µs',
      runs: runs.ours.map(({ cpuUs }) => cpuUs),
      beside: { what: '(b), storing nothing', runs: runs.twurple.map(({ cpuUs }) => cpuUs) },
      target: null,
    },
  ];
}
