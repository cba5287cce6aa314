import uPlot from 'uplot';
import type { Statistics } from '../../src/shared/events';
import type { Wording } from '../state/sentences';
import { drawBars } from './chart-bars';

/** A drawn chart. */
export interface Chart {
  /** Shows these numbers in the colours of the theme of the moment. */
  draw(statistics: Statistics, words: Wording): void;
  destroy(): void;
}

const HEIGHT = 190;
const GRID_STRENGTH = 0.7;

/** The theme's colours; canvas needs them resolved. */
export interface ChartColors {
  follows: string;
  unfollows: string;
  begun: string;
  text: string;
  grid: string;
  surface: string;
}

function readColors(): ChartColors {
  const style = getComputedStyle(document.documentElement);
  const read = (name: string, fallback: string): string => style.getPropertyValue(name).trim() || fallback;
  const text = read('--vscode-descriptionForeground', '#888888');
  return {
    follows: read('--vscode-charts-blue', text),
    unfollows: read('--vscode-charts-red', text),
    begun: read('--vscode-charts-purple', text),
    text,
    grid: read('--vscode-widget-border', read('--vscode-contrastBorder', text)),
    surface: read('--vscode-editorWidget-background', read('--vscode-editor-background', text)),
  };
}

/** Makes a chart inside `frame`; `onPoint` hears which step the pointer is on. */
export function createChart(frame: HTMLElement, onPoint: (index: number | null) => void): Chart {
  let plot: uPlot | null = null;
  let last: { statistics: Statistics; words: Wording } | null = null;

  const rebuild = (): void => {
    plot?.destroy();
    plot = null;
    if (!last || frame.clientWidth === 0) return;
    const data = toData(last.statistics);
    plot = new uPlot(buildOptions(last, frame.clientWidth, onPoint), data, frame);
  };
  const resize = new ResizeObserver(() => {
    if (plot && frame.clientWidth > 0) plot.setSize({ width: frame.clientWidth, height: HEIGHT });
    else rebuild();
  });
  resize.observe(frame);
  // VS Code tells a webview of a new theme by the class of its body and the style of its root.
  const theme = new MutationObserver(rebuild);
  theme.observe(document.body, { attributes: true, attributeFilter: ['class', 'data-vscode-theme-id'] });
  theme.observe(document.documentElement, { attributes: true, attributeFilter: ['style'] });

  return {
    draw: (statistics, words) => {
      const isSame = last?.statistics.range === statistics.range && last.words === words && plot !== null;
      last = { statistics, words };
      if (isSame) plot?.setData(toData(statistics));
      else rebuild();
    },
    destroy: () => {
      resize.disconnect();
      theme.disconnect();
      plot?.destroy();
      plot = null;
    },
  };
}

function toData({ buckets }: Statistics): uPlot.AlignedData {
  return [
    buckets.map(bucket => Date.parse(bucket.start) / 1_000),
    buckets.map(bucket => bucket.follows),
    buckets.map(bucket => bucket.unfollows),
    buckets.map(bucket => bucket.subscriptionsBegun),
    buckets.map(bucket => bucket.subscriptionsEnded),
  ];
}

function buildOptions(
  { statistics, words }: { statistics: Statistics; words: Wording },
  width: number,
  onPoint: (index: number | null) => void,
): uPlot.Options {
  const colors = readColors();
  const { formats, isStreaming } = words;
  const font = `11px ${getComputedStyle(document.body).fontFamily}`;
  const axis = { stroke: colors.text, font, ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [8, 16, 0, isStreaming ? 16 : 4],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      x: { time: true, range: (_plot, min, max) => padRange(min, max) },
      y: { range: (_plot, _min, max) => [0, Math.max(4, max * 1.15)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 26,
        space: 90,
        values: (_plot, splits) => splits.map(at => sayTick(at * 1_000, statistics, words)),
      },
      {
        ...axis,
        show: !isStreaming,
        grid: { stroke: withAlpha(colors.grid, GRID_STRENGTH), width: 1 },
        size: 40,
        space: 40,
        incrs: WHOLE_STEPS,
        values: (_plot, splits) => splits.map(formats.number),
      },
    ],
    series: [
      {},
      { stroke: colors.follows, width: 2, fill: withAlpha(colors.follows, 0.16), points: { show: false } },
      { stroke: colors.unfollows, width: 1.5, dash: [4, 4], points: { show: false } },
      { stroke: colors.begun, width: 0, points: { show: false }, paths: () => null },
      { stroke: colors.begun, width: 0, points: { show: false }, paths: () => null },
    ],
    hooks: {
      draw: [plot => drawBars(plot, colors)],
      setCursor: [plot => onPoint(plot.cursor.idx ?? null)],
    },
  };
}

/** Numbers of people have no fractions. */
const WHOLE_STEPS = [1, 2, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6];

function padRange(min: number, max: number): [number, number] {
  const room = max > min ? (max - min) * 0.02 : 43_200;
  return [min - room, max + room];
}

function sayTick(atMs: number, { bucketUnit, range }: Statistics, { formats }: Wording): string {
  if (bucketUnit === 'hour' && range !== '7days') return formats.time(atMs);
  return formats.shortDay(atMs, Date.now());
}

/** A colour with less strength; whatever notation the theme used, canvas turns it into one we can read. */
function withAlpha(color: string, alpha: number): string {
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return color;
  context.fillStyle = color;
  const { fillStyle } = context;
  if (!fillStyle.startsWith('#')) return fillStyle.replace(/[\d.]+\)$/, `${alpha})`);
  const hex = Math.round(alpha * 255).toString(16);
  return `${fillStyle}${hex.padStart(2, '0')}`;
}
