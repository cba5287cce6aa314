import type { ViewClock } from '../../../src/views/view-clock';

/** Time that moves when the test says so. */
export class HandClock implements ViewClock {
  private timers: { at: number; callback: () => void }[] = [];
  private time = 0;

  now(): number {
    return this.time;
  }

  after(ms: number, callback: () => void) {
    const timer = { at: this.time + ms, callback };
    this.timers.push(timer);
    return { dispose: () => void (this.timers = this.timers.filter(other => other !== timer)) };
  }

  pass(ms: number): void {
    this.time += ms;
    const due = this.timers.filter(timer => timer.at <= this.time);
    this.timers = this.timers.filter(timer => timer.at > this.time);
    for (const timer of due) timer.callback();
  }
}
