import type { Disposable } from '../shared/service';

/** Draws something again at every second, but only while it says that it counts; else no timer lives. */
export class Ticker implements Disposable {
  private timer: NodeJS.Timeout | null = null;

  constructor(private readonly draw: () => void) {}

  /** Tells whether seconds are counted now. */
  set isTicking(isTicking: boolean) {
    if (isTicking) this.timer ??= setInterval(this.draw, 1000);
    else this.dispose();
  }

  dispose(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
  }
}
