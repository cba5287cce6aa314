import { assertNever } from '../shared/assert-never';
import { CATALOGUE, EVENT_TYPES, FAMILIES, isEventType, type EventType } from '../shared/catalogue';
import type { PollStatus, ServiceStatus } from '../shared/service';
import type { SubscriptionState, SubscriptionStatus } from '../shared/session-state';
import {
  sayFamily,
  sayInstant,
  sayPoll,
  sayPollKind,
  sayPollResult,
  saySubscription,
  saySubscriptionReason,
  sayType,
} from '../shared/state-words';
import { fill, fillPlural } from '../shared/webview-strings';
import { phaseOf } from './connection-phase';
import type { HostSaying } from './status-bar-model';

/** One row of the tree, drawn. Rows are equal when their JSON is. */
export interface TreeRow {
  /** Stable while the window lives: `family:vips`, `type:channel.follow`, `polling`, `poll:roles`. */
  id: string;
  parent: string | null;
  label: string;
  description: string;
  /** A codicon with a theme colour, or none for headings. */
  icon: { id: string; color: string | null } | null;
  tooltip: string[];
  /** `;a;b;` so that `when` clauses match single words with `/;a;/`. */
  contextValue: string;
  accessibleLabel: string;
}

/** The whole tree: rows in the order shown, parents before children. */
export interface TreeModel {
  rows: Map<string, TreeRow>;
  /** Whether a row counts seconds, so that it has to be drawn again. */
  isTicking: boolean;
}

/** Draws the tree; without rows while nobody is signed in, so that the welcome shows. */
export function drawTree(status: ServiceStatus | null, saying: HostSaying): TreeModel {
  const rows = new Map<string, TreeRow>();
  const phase = phaseOf(status);
  if (status === null || phase === 'signedOut' || phase === 'starting') return { rows, isTicking: false };
  const add = (row: TreeRow): void => void rows.set(row.id, row);
  const known = new Map(status.subscriptions.map(subscription => [subscription.type, subscription]));
  for (const family of FAMILIES) {
    add(drawHeading(`family:${family}`, sayFamily(family, saying.strings), ';family;'));
    for (const type of EVENT_TYPES.filter(candidate => CATALOGUE[candidate].family === family)) {
      const subscription = known.get(type) ?? {
        type,
        state: { kind: 'off' },
        version: CATALOGUE[type].version,
        condition: {},
      };
      add(drawSubscription(subscription, status, saying));
    }
  }
  add(drawHeading('polling', saying.strings.polling, ';polling;'));
  for (const poll of status.polls) add(drawPoll(poll, saying));
  const isTicking = status.polls.some(poll => poll.state.kind === 'scheduled' && poll.pace === 'fallback');
  return { rows, isTicking };
}

/** Which rows VS Code has to fetch again: null means the whole tree, since rows came or went. */
export function findChanges(before: TreeModel, after: TreeModel): string[] | null {
  if (before.rows.size !== after.rows.size) return null;
  const changed: string[] = [];
  for (const [id, row] of after.rows) {
    const previous = before.rows.get(id);
    if (!previous) return null;
    if (JSON.stringify(previous) !== JSON.stringify(row)) changed.push(id);
  }
  return changed;
}

/** The type that a command was given: a tree row's id, a type's name, or nothing that is known. */
export function findType(argument: unknown): EventType | null {
  if (typeof argument !== 'string') return null;
  const name = argument.startsWith('type:') ? argument.slice('type:'.length) : argument;
  return isEventType(name) ? name : null;
}

function drawHeading(id: string, label: string, contextValue: string): TreeRow {
  return {
    id,
    parent: null,
    label,
    description: '',
    icon: null,
    tooltip: [label],
    contextValue,
    accessibleLabel: label,
  };
}

function drawSubscription(
  { type, state, version, condition }: SubscriptionStatus,
  status: ServiceStatus,
  saying: HostSaying,
): TreeRow {
  const { strings, locale, isStreamerMode } = saying;
  const label = sayType(type, strings);
  const today = status.today[type] ?? 0;
  const count =
    today > 0 && !isStreamerMode
      ? [fillPlural(strings, 'today', today, locale, today.toLocaleString(locale))]
      : [];
  const description = [saySubscription(state, strings), ...count].join(' · ');
  const tooltip = [
    `${label} (${type})`,
    ...saySubscriptionReason(state, saying),
    fill(strings.tipVersion, version),
  ];
  if (!isStreamerMode) {
    for (const [key, value] of Object.entries(condition))
      tooltip.push(fill(strings.tipCondition, key, value));
  }
  if (state.kind === 'live') {
    tooltip.push(fill(strings.tipCost, state.cost), fill(strings.tipSince, sayInstant(state.since, saying)));
  }
  if (state.kind === 'revoked') tooltip.push(fill(strings.tipSince, sayInstant(state.at, saying)));
  if (!isStreamerMode) tooltip.push(fill(strings.tipToday, today.toLocaleString(locale)));
  return {
    id: `type:${type}`,
    parent: `family:${CATALOGUE[type].family}`,
    label,
    description,
    icon: chooseIcon(state),
    tooltip,
    contextValue: `;subscription;${chooseActions(state).join(';')};`,
    accessibleLabel: [label, saySubscription(state, strings), ...count].join(', '),
  };
}

function chooseIcon(state: SubscriptionState): TreeRow['icon'] {
  switch (state.kind) {
    case 'live':
      return { id: 'pass', color: 'charts.green' };
    case 'off':
      return { id: 'circle-slash', color: null };
    case 'pending':
      return { id: 'circle-large-outline', color: null };
    case 'subscribing':
      return { id: 'sync~spin', color: null };
    case 'missingScope':
    case 'slotsHeld':
      return { id: 'warning', color: 'list.warningForeground' };
    case 'ownerOnly':
      return { id: 'lock', color: null };
    case 'refused':
    case 'revoked':
      return { id: 'error', color: 'list.errorForeground' };
    default:
      return assertNever(state);
  }
}

function chooseActions(state: SubscriptionState): string[] {
  switch (state.kind) {
    case 'off':
      return ['canSubscribe'];
    case 'pending':
    case 'subscribing':
    case 'live':
    case 'ownerOnly':
      return ['canUnsubscribe'];
    case 'missingScope':
      return ['needsSignIn', 'canUnsubscribe'];
    case 'slotsHeld':
    case 'refused':
      return ['canRetry', 'canUnsubscribe'];
    case 'revoked':
      return state.status === 'authorization_revoked'
        ? ['needsSignIn', 'canRetry', 'canUnsubscribe']
        : ['canRetry', 'canUnsubscribe'];
    default:
      return assertNever(state);
  }
}

function drawPoll(poll: PollStatus, saying: HostSaying): TreeRow {
  const { strings, isStreamerMode } = saying;
  const label = sayPollKind(poll.kind, strings);
  const description = sayPoll(poll, saying, isStreamerMode);
  const tooltip = [`${strings.polling}: ${label}`, sayPollResult(poll.last, saying, isStreamerMode)];
  if (poll.state.kind !== 'off') {
    tooltip.push(poll.pace === 'fallback' ? strings.pollPaceFallback : strings.pollPaceReconcile);
  }
  const needsSignIn = poll.state.kind === 'off' && poll.state.why === 'missingScope';
  return {
    id: `poll:${poll.kind}`,
    parent: 'polling',
    label,
    description,
    icon: choosePollIcon(poll),
    tooltip,
    contextValue: needsSignIn ? ';poll;needsSignIn;' : ';poll;',
    accessibleLabel: [label, ...description.split(' · ')].join(', '),
  };
}

function choosePollIcon(poll: PollStatus): TreeRow['icon'] {
  if (poll.state.kind === 'running') return { id: 'sync~spin', color: null };
  if (poll.state.kind === 'off') {
    return poll.state.why === 'missingScope'
      ? { id: 'warning', color: 'list.warningForeground' }
      : { id: 'circle-slash', color: null };
  }
  if (poll.last?.kind === 'failed') return { id: 'warning', color: 'list.warningForeground' };
  return { id: 'history', color: null };
}
