import assert from 'node:assert/strict';
import { contextOf, phaseOf } from '../../../src/views/connection-phase';
import { HOST_STRINGS } from '../../../src/views/host-strings';
import { drawStatusBar, type HostSaying } from '../../../src/views/status-bar-model';
import type { ServiceStatus } from '../../../src/shared/service';
import { SAMPLE_NOW_MS, samplePoll, sampleStatus } from '../../support/status-samples';

const saying: HostSaying = {
  strings: HOST_STRINGS,
  locale: 'en',
  nowMs: SAMPLE_NOW_MS,
  isStreamerMode: false,
};
const since = '2026-03-01T11:00:00.000Z';
const welcomed = { connectedAt: since, lastMessageAt: since, keepaliveTimeoutSeconds: 10 };

const CASES: { name: string; session: ServiceStatus['session']; text: string; tone: string }[] = [
  {
    name: 'signed out',
    session: { kind: 'idle', reason: 'signedOut' },
    text: '$(broadcast) EventSub: sign in',
    tone: 'plain',
  },
  {
    name: 'disconnected by hand',
    session: { kind: 'idle', reason: 'disconnected' },
    text: '$(circle-slash) Polling',
    tone: 'plain',
  },
  {
    name: 'connecting',
    session: { kind: 'connecting', attempt: 1, since },
    text: '$(sync~spin) EventSub',
    tone: 'plain',
  },
  {
    name: 'awaiting the welcome',
    session: { kind: 'awaitingWelcome', attempt: 1, since },
    text: '$(sync~spin) EventSub',
    tone: 'plain',
  },
  { name: 'live', session: { kind: 'live', ...welcomed }, text: '$(broadcast) Live', tone: 'plain' },
  {
    name: 'doubting',
    session: { kind: 'doubting', since, suspicion: 'silence', ...welcomed },
    text: '$(broadcast) Live',
    tone: 'plain',
  },
  {
    name: 'moving',
    session: { kind: 'handover', since, ...welcomed },
    text: '$(sync~spin) EventSub',
    tone: 'plain',
  },
  {
    name: 'waiting',
    session: { kind: 'waiting', attempt: 2, retryAt: '2026-03-01T12:00:12.000Z', cause: { kind: 'silence' } },
    text: '$(warning) Polling, retry in 12 s',
    tone: 'warning',
  },
  {
    name: 'stopped',
    session: { kind: 'stopped', since, reason: { kind: 'tokenInvalid' } },
    text: '$(error) EventSub',
    tone: 'error',
  },
  {
    name: 'without a token',
    session: { kind: 'stopped', since, reason: { kind: 'noToken' } },
    text: '$(broadcast) EventSub: sign in',
    tone: 'plain',
  },
];

describe('The status bar', () => {
  for (const { name, session, text, tone } of CASES) {
    it(`says what is so when ${name}`, () => {
      const model = drawStatusBar(sampleStatus({ session }), saying);
      assert.equal(model.text, text);
      assert.equal(model.tone, tone);
      assert.ok(model.tooltip.lines.length > 0);
    });
  }

  it('counts down only while it waits', () => {
    for (const { name, session } of CASES) {
      assert.equal(drawStatusBar(sampleStatus({ session }), saying).isTicking, name === 'waiting', name);
    }
  });

  it('has the unread count, and hides it in streamer mode', () => {
    const status = sampleStatus({ unread: 3 });
    assert.equal(drawStatusBar(status, saying).text, '$(broadcast) Live 3');
    const onStream = drawStatusBar(status, { ...saying, isStreamerMode: true });
    assert.equal(onStream.text, '$(broadcast) Live');
    assert.ok(!onStream.tooltip.lines.some(line => line.includes('unread')));
  });

  it('does not say that it polls where nothing is polled', () => {
    const polls = [samplePoll('followers', { state: { kind: 'off', why: 'noHelix' } })];
    const status = sampleStatus({ polls, session: { kind: 'idle', reason: 'disconnected' } });
    assert.equal(drawStatusBar(status, saying).text, '$(circle-slash) Disconnected');
  });

  it('warns while events are not saved', () => {
    const storage: ServiceStatus['storage'] = {
      kind: 'notSaving',
      reason: 'The disk is full.',
      unsaved: 2,
      since,
    };
    const model = drawStatusBar(sampleStatus({ storage }), saying);
    assert.equal(model.text, '$(warning) Live, not saved');
    assert.equal(model.tone, 'warning');
    assert.ok(model.tooltip.lines.some(line => line.includes('The disk is full.')));
  });

  it('says in its hover how many are alive, how old the session is and why it waits', () => {
    const lines = drawStatusBar(sampleStatus(), saying).tooltip.lines.join('\n');
    assert.match(lines, /8 of 8 live/);
    assert.match(lines, /Connected for 2 h/);
    const waiting = CASES.find(({ name }) => name === 'waiting')!;
    const why = drawStatusBar(sampleStatus({ session: waiting.session }), saying).tooltip.lines.join('\n');
    assert.match(why, /Nothing was heard/);
  });

  it('draws before the service has answered', () => {
    assert.equal(drawStatusBar(null, saying).text, '$(sync~spin) EventSub');
  });
});

describe('The context keys', () => {
  it('say whether the connection is on and whether somebody is signed in', () => {
    assert.deepEqual(contextOf(sampleStatus({ unread: 1 })), {
      'eventsub.isOn': true,
      'eventsub.isSignedOut': false,
      'eventsub.isSignedIn': true,
      'eventsub.hasUnread': true,
      'eventsub.serverKind': 'twitch',
    });
    assert.equal(contextOf(null)['eventsub.isSignedOut'], false);
  });

  it('are off while the service of a new leader starts', () => {
    assert.equal(phaseOf(sampleStatus({ role: 'starting' })), 'starting');
  });
});
