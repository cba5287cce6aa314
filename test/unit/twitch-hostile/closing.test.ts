import * as assert from 'node:assert/strict';
import { setScene, strikeScenes, turns, until, type Scene } from './scene';

const CODES = [
  1000, 1001, 1002, 1006, 1011, 1012, 1013, 3000, 4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 4999,
];

/** How the manager is brought into each state in which a socket can close on it; answers which socket then closes. */
const STATES: Record<string, (scene: Scene) => Promise<number>> = {
  'before the welcome': async scene => {
    scene.server.greet = () => undefined;
    scene.manager.connect();
    await until('open', () => scene.session === 'awaitingWelcome');
    return 0;
  },
  'while it subscribes': async scene => {
    scene.server.script = () => true;
    scene.manager.connect();
    await until('subscribing', () => scene.server.posts().length === 8);
    return 0;
  },
  'while it is live': async scene => {
    await scene.goLive();
    return 0;
  },
  'the first, while it is doubted': async scene => {
    await doubt(scene);
    return 0;
  },
  'the second, while the first is doubted': async scene => {
    await doubt(scene);
    return 1;
  },
  'the old one, in a move': async scene => {
    await beginMove(scene);
    return 0;
  },
  'the new one, in a move': async scene => {
    await beginMove(scene);
    return 1;
  },
  'the new one, in a move whose old one has closed': async scene => {
    await beginMove(scene);
    scene.server.peer(0).close(4004);
    await until('alone', () => scene.session !== 'handover');
    return 1;
  },
  'just after a move': async scene => {
    await beginMove(scene);
    scene.server.peer(1).welcome({}, 'moved');
    await until('moved', () => scene.session === 'live');
    return 1;
  },
};

async function doubt(scene: Scene): Promise<void> {
  await scene.goLive();
  scene.server.greet = () => undefined;
  await scene.pass(11_000);
  await until('doubted', () => scene.session === 'doubting' && scene.server.peers.length === 2);
}

async function beginMove(scene: Scene): Promise<void> {
  const peer = await scene.goLive();
  scene.server.greet = () => undefined;
  peer.move(`ws://${scene.server.origin}/ws?challenge=c&id=${peer.session}`);
  await until('moving', () => scene.server.peers.length === 2);
}

describe('hostile: a close', () => {
  afterEach(strikeScenes);

  for (const [state, arrange] of Object.entries(STATES)) {
    it(`with any code, ${state}, ends in a session with all eight types on one socket`, async () => {
      await Promise.all(CODES.map(code => close(code, arrange)));
    });
  }
});

async function close(code: number, arrange: (scene: Scene) => Promise<number>): Promise<void> {
  const scene = await setScene();
  const index = await arrange(scene);
  const { server } = scene;
  server.greet = peer => peer.welcome();
  server.script = () => false;
  const closing = server.peer(index);
  if (code === 1006) closing.cut();
  else closing.close(code, 'as the scene says');
  await until('gone', () => closing.isGone);
  await turns();
  await until(`live again after ${code}`, () => {
    // Those that a scene left unwelcomed are welcomed at last.
    for (const peer of server.open) if (peer.session === '') peer.welcome();
    return scene.session === 'live' && scene.live === 8 && server.open.length === 1;
  });
  await turns();
  const types = server.enabled().map(({ type }) => type);
  assert.equal(new Set(types).size, 8, `${code}: ${types.join()}`);
  assert.equal(types.length, 8, `${code}: ${types.join()}`);
  assert.ok(server.mostOpen <= 2, `${code}: ${server.mostOpen} sockets`);
  const before = scene.events.length;
  server.open[0]?.notify('channel.follow');
  await until('heard', () => scene.events.length === before + 1);
  assert.ok(server.peers.every(({ opcodes }) => opcodes.every(opcode => opcode === 8 || opcode === 10)));
}
