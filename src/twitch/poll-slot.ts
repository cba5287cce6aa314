import { createAlarm, type Alarm } from './alarm';
import type { Clock } from './clock';
import type { PollLane } from './poll-lane';

/** A poll and when it comes next. */
export interface Slot {
  lane: PollLane;
  alarm: Alarm;
  /** ISO instant; null while it runs, and where it is not to run. */
  nextAt: string | null;
  /** Another poll is to follow the one that runs; that began too early to count. */
  isDueAgain: boolean;
  /** It could not run when it was last due. */
  isOff: boolean;
}

/** A slot in which nothing is scheduled. */
export function createSlot(lane: PollLane, clock: Clock): Slot {
  return { lane, alarm: createAlarm(clock), nextAt: null, isDueAgain: false, isOff: false };
}

/** Forgets what was to come; what runs goes on. */
export function unschedule(slot: Slot): void {
  slot.alarm.clear();
  slot.nextAt = null;
  slot.isDueAgain = false;
}
