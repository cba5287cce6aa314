import { monitorEventLoopDelay } from 'node:perf_hooks';
import { openWaiting } from '../../support/processor-wait';

/** How late the event loop was, in milliseconds. */
export interface LoopDelay {
  /** By Node's own histogram, beyond its resolution: with the time in which other processes held the processor. */
  maxMs: number;
  p99Ms: number;
  /**
   * Without that time as far as the system tells it (Linux), and never more than all threads of this process computed
   * between the two turns: what this process itself was late by.
   */
  ownMaxMs: number;
}

const RESOLUTION_MS = 2;

/** Watches the loop of this process's main thread until the answer is called. */
export function watchLoop(): () => LoopDelay {
  const histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  histogram.enable();
  const waiting = openWaiting();
  let ownMaxMs = 0;
  let lastMs = performance.now();
  let lastWaitedMs = waiting.read();
  let lastCpu = process.cpuUsage();
  const timer = setInterval(() => {
    const nowMs = performance.now();
    const waitedMs = waiting.read();
    const cpu = process.cpuUsage();
    const computedMs = (cpu.user + cpu.system - lastCpu.user - lastCpu.system) / 1000;
    const ownMs = Math.min(nowMs - lastMs - (waitedMs - lastWaitedMs), computedMs) - RESOLUTION_MS;
    ownMaxMs = Math.max(ownMaxMs, ownMs);
    lastCpu = cpu;
    lastMs = nowMs;
    lastWaitedMs = waitedMs;
  }, RESOLUTION_MS);
  return () => {
    clearInterval(timer);
    waiting.close();
    histogram.disable();
    const beyond = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - RESOLUTION_MS);
    return { maxMs: beyond(histogram.max), p99Ms: beyond(histogram.percentile(99)), ownMaxMs };
  };
}
