import os from 'node:os';
import { isReached, ratiosOf, spreadOf, type Figure } from './figures';

/** Where and when figures were measured; without it they say little. */
export interface Circumstances {
  startedAt: string;
  machine: string;
  node: string;
  /** The load averages of one minute at the beginning and at the end. */
  loadBefore: number;
  loadAfter: number;
  runs: number;
  /** 1: as the issue asks; less: a rehearsal with fewer events. */
  scale: number;
}

/** What this machine is. */
export function describeMachine(): string {
  const [first] = os.cpus();
  const memoryGb = Math.round(os.totalmem() / 2 ** 30);
  return `${os.availableParallelism()} × ${first?.model.trim() ?? 'unknown'}, ${memoryGb} GB, ${os.platform()} ${os.release()}`;
}

/** The one-minute load average now. */
export function loadNow(): number {
  return os.loadavg()[0] ?? Number.NaN;
}

function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString('en-US').replaceAll(',', ' ');
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : size >= 0.1 ? 2 : 3);
}

function formatSpread(values: readonly number[]): string {
  const { median, min, max } = spreadOf(values);
  if (values.length < 2 || min === max) return formatNumber(median);
  return `${formatNumber(median)} (${formatNumber(min)}–${formatNumber(max)})`;
}

function toCells(figure: Figure): string[] {
  const reached = isReached(figure);
  return [
    figure.row,
    figure.what,
    `${formatSpread(figure.runs)} ${figure.unit}`.trim(),
    `${figure.beside.what}: ${formatSpread(figure.beside.runs)} ${figure.unit}`.trim(),
    formatSpread(ratiosOf(figure)),
    figure.target === null ? 'reported' : figure.target.says,
    reached === null ? '' : reached ? 'yes' : 'NO',
  ];
}

const HEADINGS = ['row', 'what', 'measured', 'beside it', 'ratio', 'must reach', 'reached'];

/** The table for people. Each value is the median with the smallest and the largest of all runs. */
export function formatTable(figures: readonly Figure[], where: Circumstances): string {
  const rows = [HEADINGS, ...figures.map(toCells)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map(cells => cells[column]?.length ?? 0)));
  const lines = rows.map(cells => cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const rule = widths.map(width => '─'.repeat(width)).join('  ');
  const scale = where.scale === 1 ? '' : `, a rehearsal with ${where.scale} of the events`;
  return [
    `${where.startedAt}, ${where.machine}, Node ${where.node}, ${where.runs} runs${scale}`,
    `load ${formatNumber(where.loadBefore)} before, ${formatNumber(where.loadAfter)} after`,
    '',
    ...lines.slice(0, 1),
    rule,
    ...lines.slice(1),
  ]
    .map(line => line.trimEnd())
    .join('\n');
}

/** The same for programs: every run's value. */
export function formatJson(figures: readonly Figure[], where: Circumstances): string {
  const rows = figures.map(figure => ({
    ...figure,
    median: spreadOf(figure.runs),
    ratio: { ...spreadOf(ratiosOf(figure)), runs: ratiosOf(figure) },
    isReached: isReached(figure),
  }));
  return JSON.stringify({ ...where, figures: rows }, null, 2);
}
