import fc from 'fast-check';
import { createConnection, type Socket } from 'node:net';
import { openLeaderLink } from '../../../src/service/leader-link';
import { listenLocally } from '../../../src/service/local-address';
import { createWindowHub } from '../../../src/service/window-hub';
import {
  forwardService,
  SERVICE_METHODS,
  WINDOW_METHODS,
  WINDOW_PUSHES,
} from '../../../src/shared/service-methods';
import { checkServiceCall } from '../../../src/shared/service-schemas';
import {
  PROTOCOL_VERSION,
  type EventSubService,
  type Logger,
  type WindowPushes,
} from '../../../src/shared/service';
import type { FaultReport } from '../data/fault-report';
import { tryProperty } from './fuzz-report';

const TOKEN = 'a-token-of-enough-length';
const silent = (): void => undefined;
const logger: Logger = { error: silent, warn: silent, info: silent, debug: silent, trace: silent };

const method = fc.oneof(
  fc.constantFrom<string>(...SERVICE_METHODS, ...WINDOW_METHODS, ...WINDOW_PUSHES),
  fc.constantFrom('constructor', '__proto__', 'toString', 'then', '$close', ''),
  fc.string(),
);
const hello = fc.record({
  protocol: fc.constantFrom(PROTOCOL_VERSION, 0, 99),
  extensionVersion: fc.constantFrom('1.2.0', '', '9'.repeat(500)),
  token: fc.constantFrom(TOKEN, TOKEN, 'x', ''),
  credentials: fc.constant(null),
  focusedAtMs: fc.integer(),
});
const call = fc.record(
  {
    t: fc.constantFrom('q', 'q', 's', 'x'),
    i: fc.oneof(fc.string(), fc.integer()),
    m: method,
    a: fc.oneof(
      fc.array(fc.jsonValue()),
      hello.map(greeting => [greeting]),
      fc.jsonValue(),
    ),
    r: fc.jsonValue(),
    e: fc.jsonValue(),
  },
  { requiredKeys: ['t'] },
);
const line = fc.oneof(
  { weight: 5, arbitrary: call.map(value => JSON.stringify(value)) },
  { weight: 1, arbitrary: fc.json() },
  { weight: 1, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 1, arbitrary: fc.constantFrom('{', '\u0000', '[[['.repeat(5_000), 'x'.repeat(70_000)) },
  { weight: 1, arbitrary: hello.map(a => JSON.stringify({ t: 'q', i: 'h', m: 'hello', a: [a] })) },
);
const conversation = fc.array(line, { minLength: 1, maxLength: 30 });

/** Any lines on the windows' socket, in both directions: nobody falls over, and only what the contract allows is carried out. */
export async function run(count: number): Promise<FaultReport> {
  const refused: string[] = [];
  const service = forwardService((name, args) => {
    try {
      checkServiceCall(name, args);
    } catch {
      refused.push(name);
    }
    return Promise.resolve() as ReturnType<EventSubService[typeof name]>;
  });
  const hub = createWindowHub({
    epoch: 7,
    token: TOKEN,
    extensionVersion: '1.2.0',
    logger,
    service,
    onCredentials: silent,
    onSettings: silent,
    onYield: silent,
    onFocusedLast: silent,
    focusedAtMs: 0,
  });
  const server = await listenLocally(socket => {
    socket.on('error', silent);
    hub.accept(socket);
  });
  const babbler = await listenBabbling();
  try {
    const property = fc.asyncProperty(conversation, async lines => {
      await babble(server.address, lines);
      await askProperly(server.address);
      if (refused.length > 0) throw new Error(`Carried out with bad arguments: ${refused.join(', ')}`);
      babbler.say = lines;
      await listenTo(babbler.address);
    });
    return await tryProperty(property, count);
  } finally {
    hub.dispose();
    await server.close();
    await babbler.close();
  }
}

async function connect(address: string): Promise<Socket> {
  const socket = createConnection(address);
  socket.on('error', silent);
  await new Promise<void>(resolve => socket.once('connect', () => resolve()));
  return socket;
}

async function babble(address: string, lines: readonly string[]): Promise<void> {
  const socket = await connect(address);
  socket.resume();
  const ended = new Promise(resolve => socket.once('close', resolve));
  socket.end(lines.map(text => `${text}\n`).join(''));
  await ended;
}

function openLink(socket: Socket): ReturnType<typeof openLeaderLink> {
  const pushes: WindowPushes = {
    statusChanged: silent,
    eventsRecorded: silent,
    jobChanged: silent,
    focusedLast: silent,
    storeCredentials: () => Promise.resolve(),
    loadCredentials: () => Promise.resolve(null),
  };
  return openLeaderLink({ socket, pushes, logger, onAnswering: silent });
}

async function askProperly(address: string): Promise<void> {
  const link = openLink(await connect(address));
  try {
    await link.hello({
      protocol: PROTOCOL_VERSION,
      extensionVersion: '1.2.0',
      token: TOKEN,
      credentials: null,
      focusedAtMs: 0,
    });
    await link.service.markRead(1);
  } finally {
    link.close();
  }
}

/** A leader that talks nonsense and hangs up. */
async function listenBabbling(): Promise<{
  say: readonly string[];
  address: string;
  close: () => Promise<void>;
}> {
  const babbler = { say: [] as readonly string[] };
  const server = await listenLocally(socket => {
    socket.on('error', silent);
    socket.end(babbler.say.map(text => `${text}\n`).join(''));
  });
  return Object.assign(babbler, { address: server.address, close: () => server.close() });
}

/** A follower of such a leader hears it out and closes. */
async function listenTo(address: string): Promise<void> {
  const socket = await connect(address);
  const ended = new Promise(resolve => socket.once('close', resolve));
  const link = openLink(socket);
  await ended;
  link.close();
}
