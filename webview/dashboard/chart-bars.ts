import type uPlot from 'uplot';
import type { ChartColors } from './chart';

const BEGUN = 3;
const ENDED = 4;

/** Draws subscriptions as bars over the lines: begun filled, ended hollow, so that shape tells them apart too. */
export function drawBars(plot: uPlot, colors: ChartColors): void {
  const times = plot.data[0];
  const first = times[0];
  const second = times[1];
  if (first === undefined) return;
  const { ctx } = plot;
  const x = (at: number): number => plot.valToPos(at, 'x', true);
  const y = (value: number): number => plot.valToPos(value, 'y', true);
  const step = second === undefined ? 40 : x(second) - x(first);
  const ratio = window.devicePixelRatio;
  const width = Math.max(ratio, Math.min(10 * ratio, Math.floor(step * 0.35)));
  const base = y(0);
  ctx.save();
  times.forEach((at, index) => {
    const begun = plot.data[BEGUN]?.[index] ?? 0;
    const ended = plot.data[ENDED]?.[index] ?? 0;
    const left = Math.round(x(at) - (ended > 0 ? width : width / 2));
    ctx.fillStyle = colors.begun;
    if (begun > 0) ctx.fillRect(left, y(begun), width, base - y(begun));
    if (ended === 0) return;
    ctx.fillStyle = colors.surface;
    ctx.strokeStyle = colors.begun;
    ctx.lineWidth = ratio;
    const box = [Math.round(x(at)) + ratio / 2, y(ended), width - ratio, base - y(ended)] as const;
    ctx.fillRect(...box);
    ctx.strokeRect(...box);
  });
  ctx.restore();
}
