import * as vscode from 'vscode';
import { EVENT_TYPES, type EventType } from '../shared/catalogue';
import { sayType, saySubscription } from '../shared/state-words';
import { findType } from './tree-model';
import type { WindowContext } from './window-context';

/** Remembers it in the person's settings and subscribes at once: what is shown then outlives a reload. */
export async function subscribeTo({ service, settings }: WindowContext, type: EventType): Promise<void> {
  const chosen = settings.current.events;
  await settings.update(
    'events',
    EVENT_TYPES.filter(candidate => candidate === type || chosen.includes(candidate)),
  );
  await service.subscribe(type);
}

/** Remembers it in the person's settings and unsubscribes at once: what is shown then outlives a reload. */
export async function unsubscribeFrom({ service, settings }: WindowContext, type: EventType): Promise<void> {
  const chosen = settings.current.events;
  await settings.update(
    'events',
    EVENT_TYPES.filter(candidate => candidate !== type && chosen.includes(candidate)),
  );
  await service.unsubscribe(type);
}

/** The type that a command means: the tree row that it was called on, else what the person picks. */
export async function pickType(
  context: WindowContext,
  argument: unknown,
  isOffered: (type: EventType) => boolean,
): Promise<EventType | null> {
  const given = findType(argument);
  if (given) return given;
  const { strings, status } = context;
  const offered = EVENT_TYPES.filter(isOffered);
  const picked = await vscode.window.showQuickPick(
    offered.map(type => {
      const state = status.current?.subscriptions.find(subscription => subscription.type === type)?.state;
      return {
        label: sayType(type, strings),
        description: state ? saySubscription(state, strings) : '',
        type,
      };
    }),
    {
      title: strings.menuTitle,
      placeHolder: offered.length > 0 ? vscode.l10n.t('Which events?') : vscode.l10n.t('There is none left.'),
    },
  );
  return picked?.type ?? null;
}

/** Tries one type's subscription or, without one, the connection again. */
export async function retry({ service }: WindowContext, argument: unknown): Promise<void> {
  await service.retry(findType(argument));
}
