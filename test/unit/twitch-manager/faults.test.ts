import * as assert from 'node:assert/strict';
import { SkipClock } from './skip-clock';
import { closeStages, goLive, setStage, until, type Stage } from './stage';

const FOLLOW = { user_id: '7', user_login: 'ada', user_name: 'Ada', broadcaster_user_id: '1' };

/** The socket's address with a path of its own, as a server announces it. */
function elsewhere({ server }: Stage, path = '/moved?challenge=x&id=y'): string {
  return server.websocketUrl.replace('/ws', path);
}

function announceMove(stage: Stage, url: unknown, index = stage.server.sockets.length - 1): void {
  const session = { id: 'x', status: 'reconnecting', keepalive_timeout_seconds: null, reconnect_url: url };
  stage.server.send(stage.server.sockets[index]!, 'session_reconnect', { session });
}

describe('a move to another session', () => {
  afterEach(closeStages);

  it('listens to the old socket until the new welcome, subscribes to nothing, closes the old', async () => {
    const stage = await setStage();
    await goLive(stage);
    stage.server.receptions.push({ kind: 'noWelcome' });
    announceMove(stage, elsewhere(stage));
    await until('the new socket', () => stage.server.sockets.length === 2);
    assert.equal(stage.session(), 'handover');
    stage.server.notify(stage.server.sockets[0]!, 'channel.follow', FOLLOW);
    await until('an event from the old socket', () => stage.events.length === 1);
    const [old, fresh] = stage.server.sockets;
    assert.equal(fresh!.url, '/moved?challenge=x&id=y');
    stage.server.send(fresh!, 'session_welcome', { session: { id: 'same', keepalive_timeout_seconds: 60 } });
    stage.server.notify(old!, 'channel.follow', FOLLOW);
    await until('the old one closed', () => old!.closeCode === 1000);
    stage.server.notify(fresh!, 'channel.follow', FOLLOW);
    await until('all three events', () => stage.events.length === 3);
    assert.equal(stage.server.creates().length, 8);
    assert.equal(stage.live(), 8);
    assert.deepEqual(stage.story, ['ready', 'gapClosed']);
    assert.equal(stage.manager.getStatus().counters.reconnects, 1);
  });

  it('loses no revocation just before or just after it', async () => {
    const stage = await setStage();
    await goLive(stage);
    const revoke = (index: number, type: string): void => {
      const found = stage.server.subscriptions.find(each => each.type === type);
      const subscription = { ...found, status: 'authorization_revoked' };
      stage.server.send(stage.server.sockets[index]!, 'revocation', { subscription });
    };
    announceMove(stage, elsewhere(stage));
    revoke(0, 'channel.follow');
    await until('moved', () => stage.server.sockets.length === 2 && stage.session() === 'live');
    revoke(1, 'channel.vip.add');
    await until('both', () => stage.live() === 6);
    assert.equal(stage.states()['channel.follow'], 'revoked');
    assert.equal(stage.states()['channel.vip.add'], 'revoked');
    assert.equal(stage.errors.filter(({ kind }) => kind === 'revoked').length, 2);
  });

  const failures: [string, (stage: Stage) => void][] = [
    ['the address leads elsewhere', stage => announceMove(stage, 'wss://evil.example/ws')],
    ['there is no address', stage => announceMove(stage, null)],
    [
      'Twitch closes with 4007',
      stage => {
        stage.server.receptions.push({ kind: 'close', code: 4007 });
        announceMove(stage, elsewhere(stage));
      },
    ],
    [
      'the handshake is refused',
      stage => {
        stage.server.receptions.push({ kind: 'http', status: 403 });
        announceMove(stage, elsewhere(stage));
      },
    ],
    ['nobody listens there', stage => announceMove(stage, 'ws://127.0.0.1:1/ws')],
    [
      'the handshake hangs',
      stage => {
        stage.server.receptions.push({ kind: 'handshakeHangs' });
        announceMove(stage, elsewhere(stage));
      },
    ],
    [
      'no welcome comes',
      stage => {
        stage.server.receptions.push({ kind: 'noWelcome' });
        announceMove(stage, elsewhere(stage));
      },
    ],
  ];
  for (const [how, fail] of failures) {
    it(`falls back to the base URL and subscribes anew where ${how}`, async () => {
      const stage = await setStage({ timings: { handshakeMs: 300, welcomeMs: 300 } });
      await goLive(stage);
      fail(stage);
      await until('subscribed anew', () => stage.server.creates().length === 16 && stage.live() === 8);
      await until('the old one closed', () => stage.server.sockets[0]!.closeCode === 1000);
      assert.match(stage.server.sockets.at(-1)!.url, /^\/ws\?/);
      assert.equal(stage.story.filter(line => line === 'gapClosed').length, 2);
      assert.ok(stage.errors.some(({ kind }) => kind === 'reconnectUrl' || kind === 'handover'));
      assert.ok(stage.errors.every(({ message }) => !message.includes('challenge')));
    });
  }

  it('does not open sockets without bound in a chain of moves', async () => {
    const stage = await setStage({ timings: { backoff: { baseMs: 10_000, capMs: 60_000 } } });
    await goLive(stage);
    const { server } = stage;
    let answered = 0;
    const timer = setInterval(() => {
      for (; answered < server.sockets.length; answered++) announceMove(stage, elsewhere(stage), answered);
    }, 2);
    try {
      await until('two moves', () => server.sockets.length === 3);
      stage.server.notify(server.sockets[2]!, 'channel.follow', FOLLOW);
      await until('resting', () => stage.events.length === 1 && stage.session() === 'handover');
      assert.equal(server.sockets.length, 3);
      assert.equal(server.creates().length, 8);
    } finally {
      clearInterval(timer);
    }
  });
});

describe('a socket that may be dead', () => {
  afterEach(closeStages);

  it('is replaced when it stays silent, and closed when all answers are in', async () => {
    const clock = new SkipClock();
    const stage = await setStage({ clock });
    await goLive(stage);
    clock.skip(60_000);
    assert.equal(stage.session(), 'live');
    clock.skip(3500);
    await until('the second is live', () => stage.story.filter(line => line === 'gapClosed').length === 2);
    await until('the first closed', () => stage.server.sockets[0]!.closeCode === 1000);
    assert.equal(stage.server.sockets.length, 2);
    assert.equal(stage.server.creates().length, 16);
    assert.equal(stage.live(), 8);
  });

  it('is kept when it speaks before the second is welcomed; nothing is created on the second', async () => {
    const clock = new SkipClock();
    const stage = await setStage({ clock });
    stage.server.receptions.push({ kind: 'welcome' }, { kind: 'noWelcome' });
    await goLive(stage);
    clock.skip(63_500);
    await until('the second socket', () => stage.server.sockets.length === 2);
    assert.equal(stage.session(), 'doubting');
    const [first, second] = stage.server.sockets;
    stage.server.notify(first!, 'channel.follow', FOLLOW);
    await until('the event', () => stage.events.length === 1);
    stage.server.send(second!, 'session_welcome', {
      session: { id: 'unused', keepalive_timeout_seconds: 60 },
    });
    await until('the second closed', () => second!.closeCode === 1000);
    assert.equal(stage.server.creates().length, 8);
    assert.equal(first!.closeCode, null);
    assert.equal(stage.session(), 'live');
  });

  it('is closed at the first 409 on the second, whose subscriptions are then created', async () => {
    const clock = new SkipClock();
    const stage = await setStage({ clock });
    const { server } = stage;
    await goLive(stage);
    server.answer = ({ body }) => {
      const held = server.subscriptions.some(
        each => each.type === body?.type && each.transport.session_id !== body.transport.session_id,
      );
      return held ? { status: 409, body: { message: 'subscription already exists' } } : undefined;
    };
    clock.skip(63_500);
    await until('live on the second', () => stage.story.filter(line => line === 'gapClosed').length === 2);
    assert.equal(stage.live(), 8);
    assert.equal(server.subscriptions.length, 8);
    assert.ok(server.subscriptions.every(each => each.transport.session_id === 'session-2'));
    await until('the first closed', () => server.sockets[0]!.closeCode === 1000);
  });

  for (const jump of ['asleep', 'stalled', 'set'] as const) {
    it(`is doubted at once when the clock jumps (${jump})`, async () => {
      const clock = new SkipClock();
      const stage = await setStage({ clock });
      stage.server.receptions.push({ kind: 'welcome' }, { kind: 'noWelcome' });
      await goLive(stage);
      if (jump === 'set') clock.wallOffMs += 3_600_000;
      else if (jump === 'asleep') clock.sleep(3_600_000);
      else clock.stall(8000);
      clock.skip(1100);
      await until('the second socket', () => stage.server.sockets.length === 2);
      const { session } = stage.manager.getStatus();
      assert.ok(session.kind === 'doubting' && session.suspicion === 'clockJump');
      const [first, second] = stage.server.sockets;
      if (jump === 'set') {
        stage.server.clockOffMs += 1200;
        stage.server.notify(first!, 'channel.follow', FOLLOW);
        await until('the event', () => stage.events.length === 1);
      }
      stage.server.send(second!, 'session_welcome', { session: { id: 'second' } });
      const [kept, closed] = jump === 'set' ? [first, second] : [second, first];
      await until('one is closed', () => closed!.closeCode === 1000);
      assert.equal(kept!.closeCode, null);
      assert.equal(stage.server.creates().length, jump === 'set' ? 8 : 16);
    });
  }

  it('ends its backoff when the clock jumps', async () => {
    const clock = new SkipClock();
    const stage = await setStage({ clock, timings: { backoff: { baseMs: 3_600_000, capMs: 3_600_000 } } });
    stage.server.receptions.push({ kind: 'http', status: 503 });
    stage.manager.connect();
    await until('waiting', () => stage.session() === 'waiting');
    clock.sleep(60_000);
    clock.skip(1100);
    await until('live', () => stage.live() === 8);
  });
});

describe('an opening that fails', () => {
  afterEach(closeStages);

  it('is tried again whatever the upgrade is answered with, and says with what', async () => {
    const stage = await setStage();
    for (const status of [401, 403, 302, 500, 503]) stage.server.receptions.push({ kind: 'http', status });
    const causes: string[] = [];
    stage.manager.on('disconnected', state => {
      if (state.kind === 'waiting' && state.cause.kind === 'unreachable') causes.push(state.cause.message);
    });
    await goLive(stage);
    assert.deepEqual(
      causes.map(message => /HTTP (\d+)/.exec(message)?.[1]),
      ['401', '403', '302', '500', '503'],
    );
  });

  it('is given up when the handshake hangs or no welcome comes', async () => {
    const stage = await setStage({ timings: { handshakeMs: 200, welcomeMs: 200 } });
    stage.server.receptions.push({ kind: 'handshakeHangs' }, { kind: 'noWelcome' });
    await goLive(stage);
    assert.deepEqual(stage.story, ['disconnected waiting', 'disconnected waiting', 'ready', 'gapClosed']);
  });

  it('says that nobody listens', async () => {
    const endpoints = {
      issuer: 'x',
      websocketUrl: 'ws://127.0.0.1:1/ws',
      subscriptionsUrl: 'http://127.0.0.1:1/',
      helixUrl: null,
      authUrl: null,
    };
    const stage = await setStage({ endpoints });
    stage.manager.connect();
    await until('waiting', () => stage.session() === 'waiting');
    const { session } = stage.manager.getStatus();
    assert.ok(session.kind === 'waiting' && session.cause.kind === 'unreachable');
    assert.match(session.cause.message, /ECONNREFUSED/);
  });

  it('goes now instead of after its backoff when asked to', async () => {
    const stage = await setStage({ timings: { backoff: { baseMs: 3_600_000, capMs: 3_600_000 } } });
    stage.server.receptions.push({ kind: 'http', status: 503 });
    stage.manager.connect();
    await until('waiting', () => stage.session() === 'waiting');
    stage.manager.retry(null);
    await until('live', () => stage.live() === 8);
  });

  for (const code of [4000, 4001, 4002, 4003, 4004, 4005, 4006, 4007, 1006, 1000, 1012]) {
    it(`comes back after close code ${code} and subscribes anew`, async () => {
      const stage = await setStage();
      await goLive(stage);
      const [served] = stage.server.sockets;
      if (code === 1006) served!.socket.terminate();
      else served!.socket.close(code);
      await until('live again', () => stage.server.creates().length === 16 && stage.live() === 8);
      assert.equal(stage.server.sockets.length, 2);
      assert.equal(stage.story.filter(line => line.startsWith('disconnected')).length, 1);
    });
  }
});

describe('frames that are not of EventSub', () => {
  afterEach(closeStages);

  it('are counted and shown, and the session goes on', async () => {
    const stage = await setStage();
    await goLive(stage);
    const { socket } = stage.server.sockets[0]!;
    for (const text of ['no json', '', '[]', '17', 'null', '{}', '{"metadata":{}}', '{"metadata":null}']) {
      socket.send(text);
    }
    socket.send(Buffer.from([1, 2, 3]), { binary: true });
    stage.server.send(stage.server.sockets[0]!, 'notification', { event: {} });
    stage.server.send(stage.server.sockets[0]!, 'revocation', {});
    stage.server.send(stage.server.sockets[0]!, 'session_welcome', { session: { id: 5 } });
    stage.server.send(stage.server.sockets[0]!, 'session_surprise', { anything: [1] });
    stage.server.notify(stage.server.sockets[0]!, 'channel.follow', FOLLOW);
    await until('the event after them', () => stage.events.length === 1);
    const { counters } = stage.manager.getStatus();
    assert.equal(counters.badFrames, 12);
    assert.equal(counters.unknownMessages, 1);
    assert.equal(stage.session(), 'live');
    assert.ok(stage.errors.some(({ kind }) => kind === 'badFrame'));
    assert.ok(stage.errors.length < 5, 'a flood of bad frames is no flood of errors');
  });

  it('end the socket where they are too large, and the session comes back', async () => {
    const stage = await setStage();
    await goLive(stage);
    stage.server.sockets[0]!.socket.send('x'.repeat(2 * 1024 * 1024));
    await until('live again', () => stage.server.creates().length === 16 && stage.live() === 8);
    assert.equal(stage.manager.getStatus().counters.badFrames, 1);
    assert.match(stage.errors[0]?.message ?? '', /larger than 1 MiB/);
  });
});
