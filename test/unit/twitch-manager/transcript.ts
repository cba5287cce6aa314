import { initialState } from '../../../src/twitch/session-steps';
import { nextDeadline, reduce } from '../../../src/twitch/session-reducer';
import {
  DEFAULT_TIMINGS,
  type Effect,
  type Input,
  type ManagerState,
} from '../../../src/twitch/session-types';
import { checkReconnectUrl } from '../../../src/twitch/reconnect-url';
import { showSession } from '../../../src/twitch/session-view';

/** The server's clock is half a day behind this machine's, so that mixing them up shows. */
const WALL_START_MS = Date.parse('2026-11-29T12:00:00.000Z');
const SERVER_START_MS = Date.parse('2026-11-29T00:00:00.000Z');

/**
 * Plays a transcript: lines that begin with `>` are inputs, `#` comments; everything else is written anew below
 * each input as what changed and what has to be done. An input may begin with `+ms`, which lets time pass, and
 * with `@s` for the server's second at which its frame was sent (else: the present).
 */
export function playTranscript(script: string): string {
  let state = initialState(DEFAULT_TIMINGS, 10_000);
  let monoMs = 0;
  const lines: string[] = [];
  for (const line of script.split('\n')) {
    if (line.startsWith('#') || line === '') {
      lines.push(line);
      continue;
    }
    if (!line.startsWith('>')) continue;
    lines.push(line);
    const words = line.slice(1).trim().split(/\s+/);
    if (words[0]?.startsWith('+')) monoMs += Number(words.shift()?.slice(1));
    let sentAtMs = SERVER_START_MS + monoMs;
    if (words[0]?.startsWith('@')) sentAtMs = SERVER_START_MS + Number(words.shift()?.slice(1)) * 1000;
    const before = state;
    const step = reduce(state, toInput(words, sentAtMs), {
      wallMs: WALL_START_MS + monoMs,
      monoMs,
      random: 0.5,
    });
    state = step.state;
    lines.push(...describe(before, state, monoMs), ...step.effects.map(describeEffect));
    if (lines.at(-1) === line) lines.push('    (nothing)');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

function describe(before: ManagerState, after: ManagerState, monoMs: number): string[] {
  const [was, is] = [JSON.stringify(showSession(before)), JSON.stringify(showSession(after))];
  if (was === is) return [];
  const deadline = nextDeadline(after);
  const due = deadline === null ? '' : ` | next look in ${Math.round(deadline - monoMs)} ms`;
  return [`    = ${is.replaceAll('"', '').replaceAll(',', ', ')}${due}`];
}

function describeEffect(effect: Effect): string {
  const { kind, ...rest } = effect;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${String(value)}`);
  return `    ! ${[kind, ...details].join(' ')}`;
}

function toInput([kind = '', ...rest]: string[], sentAtMs: number): Input {
  const generation = Number(rest[0]);
  switch (kind) {
    case 'connect':
    case 'retryNow':
    case 'tick':
      return { kind };
    case 'disconnect':
      return { kind, reason: 'disconnected' };
    case 'unsubscribedFromAll':
      return { kind: 'stop', reason: { kind: 'nothingChosen' } };
    case 'opened':
    case 'conflict':
      return { kind, generation };
    case 'badFrame':
      return { kind, generation, problem: 'A frame was not JSON.' };
    case 'welcome': {
      const keepaliveMs = rest[2] === undefined ? 10_000 : rest[2] === 'null' ? null : Number(rest[2]) * 1000;
      return { kind, generation, sentAtMs, sessionId: rest[1] ?? '', keepaliveMs };
    }
    case 'keepalive':
    case 'notification':
    case 'revocation':
      return { kind: 'frame', generation, sentAtMs };
    case 'reconnect':
      return {
        kind,
        generation,
        sentAtMs,
        target: checkReconnectUrl(rest[1], 'wss://eventsub.wss.twitch.tv/ws'),
      };
    case 'closed':
      return {
        kind,
        generation,
        cause: { kind: 'closed', code: Number(rest[1]), reason: '' },
        isRefused: rest[2] === 'allRefused',
      };
    case 'unreachable':
      return { kind: 'closed', generation, cause: { kind, message: 'ECONNREFUSED' }, isRefused: false };
    case 'clockJumped':
      return { kind, lastGoodMonoMs: Number(rest[0]) };
    case 'answered':
      return { kind, generation, outcome: toOutcome(rest[1] ?? '') };
    default:
      throw new Error(`A transcript has an input that does not exist: ${kind}`);
  }
}

function toOutcome(word: string): Extract<Input, { kind: 'answered' }>['outcome'] {
  switch (word) {
    case 'live':
    case 'sessionGone':
      return { kind: word };
    case 'failed':
      return { kind: word, message: 'HTTP 503' };
    case 'noToken':
    case 'tokenInvalid':
    case 'everythingRefused':
      return { kind: 'stop', reason: { kind: word } };
    default:
      throw new Error(`A transcript has an outcome that does not exist: ${word}`);
  }
}
