import { closeSync, openSync, readSync } from 'node:fs';

/**
 * How long the main thread was ready to run and had no processor, in milliseconds since its beginning; always 0 where
 * the system does not say (anything but Linux).
 */
export function openWaiting(): { read: () => number; close: () => void } {
  let file: number;
  try {
    file = openSync(`/proc/self/task/${process.pid}/schedstat`, 'r');
  } catch {
    return { read: () => 0, close: () => undefined };
  }
  const buffer = Buffer.alloc(128);
  return {
    read: () => {
      const length = readSync(file, buffer, 0, buffer.length, 0);
      return Number(buffer.toString('latin1', 0, length).split(' ')[1] ?? 0) / 1e6;
    },
    close: () => closeSync(file),
  };
}
