import { svg } from 'lit';

const WIDTH = 48;
const POINTS = 56;
const BOTTOM = 14;
const ROOM = 12;

/** The rate of the last minute as a line in a box of 48 × 16, on a ground line: where nothing is known yet there is only that. */
export function sparkline(points: readonly number[]) {
  const highest = Math.max(...points, 0);
  const step = WIDTH / (POINTS - 1);
  const start = WIDTH - (points.length - 1) * step;
  const place = (value: number, index: number) =>
    `${(start + index * step).toFixed(1)} ${(BOTTOM - (ROOM * value) / highest).toFixed(1)}`;
  const line = points.length < 2 || highest === 0 ? '' : `M${points.map(place).join('L')}`;
  return svg`<path class="ground" d=${`M0 ${BOTTOM}H${WIDTH}`}></path><path d=${line}></path>`;
}
