import * as vscode from 'vscode';
import type { Disposable } from '../shared/service';
import { composeNotice, NoticeGatherer, type Notice } from './notification-model';
import { systemClock } from './view-clock';
import { sayingOf, type WindowContext } from './window-context';

/** Announces the types that the person turned on, in the window that had the focus last; a click opens the row. */
export function announceEvents(
  context: WindowContext,
  reveal: (eventId: number) => Promise<void>,
): Disposable {
  const { service, settings, strings, log } = context;
  const show = async ({ message, eventId }: Notice): Promise<void> => {
    const choice = await vscode.window.showInformationMessage(message, strings.noticeShow);
    if (choice !== undefined) await reveal(eventId);
  };
  const gatherer = new NoticeGatherer({
    clock: systemClock,
    chosenTypes: () => settings.current.notifications,
    isShownHere: () => service.isFocusedLast(),
    compose: events => composeNotice(events, sayingOf(context)),
    show: notice => {
      show(notice).catch((error: unknown) => log.warn('A notification could not be shown.', error));
    },
  });
  const subscription = service.observe({ eventsRecorded: batch => gatherer.add(batch.events) });
  return {
    dispose: () => {
      subscription.dispose();
      gatherer.dispose();
    },
  };
}
