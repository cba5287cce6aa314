/** What ships may weigh at most, in bytes, minified. kB are thousands of bytes. */
export const SHIPPED_BUDGETS = {
  /** `extension.js`: what each window loads while it starts. */
  host: 150_000,
  /** `leader.js`: what one window, the one that leads, loads after that. */
  leader: 230_000,
  /** `simulator.js`: loaded only where the simulator stands in for Twitch. */
  simulator: 120_000,
  /** `data-worker.js`, without SQLite's own WebAssembly. */
  worker: 200_000,
  /** The webview's own JavaScript, without the chart library, which is loaded only for a chart. */
  webview: 90_000,
  /** Pictures in the VSIX. */
  pictures: 120_000,
  /** The whole VSIX. */
  vsix: 700_000,
} as const;

/** Whether a file is one of those that the budget for pictures is for. */
export const isPicture = (file: string): boolean => /\.(?:png|jpe?g|gif|webp)$/.test(file);
