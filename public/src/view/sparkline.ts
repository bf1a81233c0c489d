import { svg } from 'lit';

/** The rate of the last minute as a line in a box of 56 × 16; flat at the bottom where nothing came. */
export function sparkline(points: readonly number[]) {
  const highest = Math.max(...points, 0);
  if (points.length < 2 || highest === 0) return svg`<path d="M0 14H56"></path>`;
  const step = 56 / 55;
  const start = 56 - (points.length - 1) * step;
  const path = points.map((value, index) => `${(start + index * step).toFixed(1)} ${(14 - (12 * value) / highest).toFixed(1)}`);
  return svg`<path d=${`M${path.join('L')}`}></path>`;
}
