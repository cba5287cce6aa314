import assert from 'node:assert/strict';
import { parseSettings } from '../../../src/shared/settings';
import { compareSessions, fitScopes, sessionsOf } from '../../../src/views/account-sessions';
import { parseCredentials, secretKeyOf } from '../../../src/views/credential-format';
import { buildExportFilter, parseDay, suggestFileName } from '../../../src/views/export-model';
import { chooseLocale, HOST_STRINGS } from '../../../src/views/host-strings';
import { collectRawSettings, saySettingProblem } from '../../../src/views/setting-words';
import { ProblemFilter, ToldOnce } from '../../../src/views/told-once';
import { sampleStatus } from '../../support/status-samples';

describe('Reading the settings', () => {
  it('takes only what the person set for the application, never a workspace’s value', () => {
    const inspected = {
      workspaceValue: { clientId: 'evil', server: 'custom' },
      defaultValue: { channel: '' },
    };
    assert.deepEqual(collectRawSettings(inspected as object), {});
    const globalValue = {
      server: 'simulator',
      polling: { followersSeconds: 60, other: 1 },
      history: 5,
      else: {},
    };
    assert.deepEqual(collectRawSettings({ ...inspected, globalValue }), {
      server: 'simulator',
      'polling.followersSeconds': 60,
    });
  });

  it('finds nothing where the section is no section', () => {
    assert.deepEqual(collectRawSettings(undefined), {});
    for (const globalValue of [null, 'simulator', []])
      assert.deepEqual(collectRawSettings({ globalValue }), {});
  });

  const cases: [string, Record<string, unknown>, RegExp][] = [
    [
      'a number out of range',
      { keepaliveTimeoutSeconds: 5 },
      /keepaliveTimeoutSeconds: 5 is outside 10 to 600; 10 is used/,
    ],
    [
      'a choice that does not exist',
      { server: 'youtube' },
      /server: "youtube" is not one of twitch, simulator, custom/,
    ],
    ['a value of another kind', { connectOnStartup: 'yes' }, /connectOnStartup: "yes" is not of the kind/],
    ['a custom server without addresses', { server: 'custom', customServer: {} }, /websocketUrl is missing/],
    [
      'plain ws to another computer',
      {
        server: 'custom',
        customServer: { websocketUrl: 'ws://example.com', subscriptionsUrl: 'https://a.b' },
      },
      /websocketUrl is not encrypted/,
    ],
  ];
  for (const [name, raw, sentence] of cases) {
    it(`says which and why for ${name}`, () => {
      const { problems } = parseSettings(raw);
      assert.ok(problems.some(problem => sentence.test(saySettingProblem(problem, HOST_STRINGS))));
    });
  }
});

describe('Telling a problem', () => {
  it('happens once while its cause lasts, and again when it returns after a while', () => {
    let now = 0;
    const told = new ToldOnce(() => now);
    assert.deepEqual(told.update(['a', 'b', 'a']), ['a', 'b']);
    assert.deepEqual(told.update(['a', 'b']), []);
    assert.deepEqual(told.update(['b']), []);
    now += 60_000;
    assert.deepEqual(told.update(['a', 'b']), [], 'a flicker is not told again');
    told.update([]);
    now += 11 * 60_000;
    assert.deepEqual(told.update(['a']), ['a']);
  });
});

describe('Choosing the problems to tell', () => {
  const poll = (id: string) =>
    ({ id, message: 'A poll failed: {0}', action: 'retry', severity: 'warning' }) as const;
  const error = { id: 'e', message: 'Not saved', action: null, severity: 'error' } as const;

  it('takes errors at once, and warnings only when they have lasted', () => {
    let now = 0;
    const filter = new ProblemFilter(() => now);
    assert.deepEqual(filter.choose([error, poll('a')]), { ripe: [error], nextInMs: 5_000 });
    now += 5_000;
    assert.deepEqual(filter.choose([error, poll('a')]), { ripe: [error, poll('a')], nextInMs: null });
    assert.deepEqual(filter.choose([]), { ripe: [], nextInMs: null });
    assert.deepEqual(filter.choose([poll('a')]), { ripe: [], nextInMs: 5_000 }, 'it begins anew');
  });

  it('tells one of several that say the same', () => {
    let now = 0;
    const filter = new ProblemFilter(() => now);
    filter.choose([poll('a'), poll('b'), poll('c')]);
    now += 6_000;
    assert.deepEqual(filter.choose([poll('a'), poll('b'), poll('c')]).ripe, [poll('a')]);
  });
});

describe('Credentials', () => {
  const credentials = { issuer: 'twitch', generation: 3, tokens: null };

  it('come back as they were stored', () => {
    assert.deepEqual(parseCredentials(JSON.stringify(credentials), 'twitch'), credentials);
    assert.equal(secretKeyOf('twitch'), 'eventsub.credentials.twitch');
  });

  it('are nothing when damaged or issued by another server', () => {
    for (const text of [
      '',
      '{',
      '[]',
      '{"issuer":"twitch"}',
      '{"issuer":"twitch","generation":"1","tokens":null}',
    ]) {
      assert.equal(parseCredentials(text, 'twitch'), null);
    }
    assert.equal(parseCredentials(JSON.stringify(credentials), 'simulator'), null);
  });
});

describe('The account in the Accounts menu', () => {
  it('is the signed-in one, without any token', () => {
    const sessions = sessionsOf(sampleStatus());
    assert.deepEqual(sessions, [{ id: 'twitch:1337', userId: '1337', login: 'streamer', scopes: [] }]);
    assert.deepEqual(sessionsOf(sampleStatus({ account: { kind: 'signedOut' } })), []);
    assert.deepEqual(sessionsOf(sampleStatus({ server: { kind: 'simulator', label: 'Simulator' } })), []);
    assert.deepEqual(sessionsOf(null), []);
  });

  it('comes, changes and goes', () => {
    const before = [{ id: 'twitch:1', userId: '1', login: 'a', scopes: ['x'] }];
    const after = [{ id: 'twitch:1', userId: '1', login: 'a', scopes: ['x', 'y'] }];
    assert.deepEqual(compareSessions(before, after), { added: [], removed: [], changed: after });
    assert.deepEqual(compareSessions([], after), { added: after, removed: [], changed: [] });
    assert.deepEqual(compareSessions(before, []), { added: [], removed: before, changed: [] });
    assert.deepEqual(fitScopes(after, ['y']), after);
    assert.deepEqual(fitScopes(after, ['z']), []);
    assert.deepEqual(fitScopes(after, undefined), after);
  });
});

describe('An export', () => {
  const now = new Date(2026, 2, 1, 15, 30);

  it('covers whole local days, both ends included', () => {
    assert.deepEqual(buildExportFilter('all', null, now), {});
    assert.deepEqual(buildExportFilter('today', ['follows'], now), {
      families: ['follows'],
      from: new Date(2026, 2, 1).toISOString(),
    });
    assert.equal(buildExportFilter('7days', null, now).from, new Date(2026, 1, 23).toISOString());
    assert.deepEqual(buildExportFilter({ fromDay: '2026-02-27', toDay: '2026-02-28' }, null, now), {
      from: new Date(2026, 1, 27).toISOString(),
      to: new Date(2026, 2, 1).toISOString(),
    });
  });

  it('knows which days exist', () => {
    assert.ok(parseDay('2024-02-29'));
    for (const text of ['2026-02-29', '2026-13-01', '1.3.2026', '', '2026-3-1'])
      assert.equal(parseDay(text), null, text);
  });

  it('suggests a name with the day in it', () => {
    assert.equal(suggestFileName('csv', now), 'eventsub-events-2026-03-01.csv');
  });
});

describe('The locale', () => {
  it('is the system’s where it is a variant of the editor’s language', () => {
    assert.equal(chooseLocale('en', 'en-GB'), 'en-GB');
    assert.equal(chooseLocale('de', 'en-US'), 'de');
    assert.equal(chooseLocale('pt-br', 'pt-PT'), 'pt-BR');
    assert.equal(chooseLocale('not a locale', 'xx'), 'en');
  });
});
