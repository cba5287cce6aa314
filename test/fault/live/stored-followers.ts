import type { EventPage } from '../../../src/shared/events';
import type { FaultReport } from '../data/fault-report';
import type { LiveStage } from './live-stage';

/**
 * Compares the simulator's followers with the database: each of the `expected` who followed while it ran is there as
 * one event, and nothing was told twice.
 */
export async function checkStored(stage: LiveStage, report: FaultReport, expected: number): Promise<void> {
  const times = new Map<string, number>();
  let page: EventPage = { events: [], next: null };
  do {
    const args = [{ families: ['follows'] }, page.next, 500, null];
    page = (await stage.ask<'call'>({ kind: 'call', method: 'queryEvents', args })) as EventPage;
    for (const { viewer, type } of page.events) {
      if (type !== 'channel.follow') report.notes.push(`${type} of ${viewer?.id ?? 'nobody'} was recorded.`);
      else times.set(viewer?.id ?? 'nobody', (times.get(viewer?.id ?? 'nobody') ?? 0) + 1);
    }
  } while (page.next !== null);
  const { followers } = await stage.control<{ followers: unknown[] }>({ do: 'state' });
  if (followers.length < expected) report.notes.push('The simulator sent less than it was asked for.');
  report.lost += Math.max(0, expected - times.size);
  for (const count of times.values()) report.twice += count - 1;
  const told = await stage.ask<'told'>({ kind: 'told' });
  report.twice += told.twice;
  report.notes.push(...told.errors);
}
