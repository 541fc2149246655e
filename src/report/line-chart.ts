import { fail } from '../base/errors.js';
import { at, hashOf } from './chart-text.js';
import { escapeHtml } from './escape-html.js';
import { formatTick, niceTicks } from './nice-ticks.js';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  /** In the order of x; a point whose y is not finite leaves a gap. */
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** How a chart is drawn. */
interface ChartOptions {
  /** What it shows, also read out by screen readers. */
  readonly title: string;
  readonly xLabel?: string;
  readonly yLabel?: string;
  /** Pixels; 640 × 320 unless given. */
  readonly width?: number;
  readonly height?: number;
  /** Lowest and highest y; those of the data unless given. */
  readonly yRange?: readonly [number, number];
}

/** Colour-blind readers can distinguish them; darker on a light ground, lighter on a dark one. @source Okabe and Ito 2008, adapted. */
const strokes: readonly (readonly [string, string])[] = [
  ['#0068b0', '#5cb8f5'],
  ['#c14a00', '#ff9150'],
  ['#00795a', '#3fcfa5'],
  ['#a3447f', '#e79bc8'],
  ['#7d6200', '#e3c04a'],
  ['#444444', '#c4c4c4'],
];
/** The second time round, lines are dashed. */
const dashes = ['', '6 3', '2 3'];
const margin = { left: 64, right: 16, top: 12, bottom: 44 };
const legendLine = 20;

/**
 * Draws lines over a common x axis as a self-contained SVG: nice ticks, a legend below, colours that follow the
 * reader's light or dark setting, text in the current colour.
 *
 * @throws UtadError bad-argument when no series has a finite point.
 */
export function lineChart(series: readonly Series[], options: ChartOptions): string {
  const { title, xLabel, yLabel, width = 640, height = 320 } = options;
  const finite = series.flatMap(({ points }) =>
    points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y)),
  );
  if (finite.length === 0) {
    fail('bad-argument', { where: 'line chart', expected: 'a finite point', got: 'none' });
  }
  const xs = extent(finite.map(({ x }) => x));
  const ys = options.yRange ?? extent(finite.map(({ y }) => y));
  const xTicks = niceTicks(xs[0], xs[1], 8);
  const yTicks = niceTicks(ys[0], ys[1], 6);
  const [yLow, yHigh] = options.yRange ?? [Math.min(ys[0], yTicks[0]!), Math.max(ys[1], yTicks.at(-1)!)];
  const plot = { width: width - margin.left - margin.right, height: height - margin.top - margin.bottom };
  const px = (x: number): number => margin.left + ((x - xs[0]) / (xs[1] - xs[0])) * plot.width;
  const py = (y: number): number => margin.top + (1 - (y - yLow) / (yHigh - yLow)) * plot.height;
  const [bottom, right] = [margin.top + plot.height, margin.left + plot.width];

  const legend = legendRows(series, width);
  const total = height + legend.rows * legendLine;
  const id = `c${hashOf(title + series.map(({ name }) => name).join())}`;
  const parts = [
    `<svg class="chart ${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${total}" width="${width}" height="${total}" role="img" aria-label="${escapeHtml(describe(title, series))}" fill="currentColor" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${styleOf(id, series.length)}</style>`,
    ...yTicks.map(
      (y) =>
        `<path d="M${margin.left} ${at(py(y))}H${right}" stroke="currentColor" stroke-opacity=".14"/>` +
        `<text x="${margin.left - 8}" y="${at(py(y) + 4)}" text-anchor="end">${formatTick(y, yTicks)}</text>`,
    ),
    ...xTicks.map(
      (x) =>
        `<path d="M${at(px(x))} ${bottom}v4" stroke="currentColor" stroke-opacity=".6"/>` +
        `<text x="${at(px(x))}" y="${bottom + 18}" text-anchor="middle">${formatTick(x, xTicks)}</text>`,
    ),
    `<path d="M${margin.left} ${bottom}H${right}" stroke="currentColor" stroke-opacity=".6"/>`,
    xLabel === undefined
      ? ''
      : `<text x="${margin.left + plot.width / 2}" y="${bottom + 36}" text-anchor="middle">${escapeHtml(xLabel)}</text>`,
    yLabel === undefined
      ? ''
      : `<text transform="translate(14 ${margin.top + plot.height / 2}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>`,
    `<clipPath id="${id}"><rect x="${margin.left}" y="${margin.top - 2}" width="${plot.width}" height="${plot.height + 4}"/></clipPath>`,
    `<g clip-path="url(#${id})" fill="none" stroke-width="1.75" stroke-linejoin="round" stroke-linecap="round">`,
    ...series.map((one, i) => `<path class="s${i}" d="${pathOf(one, px, py)}"/>`),
    '</g>',
    ...series.map((one, i) => {
      const { x, row } = legend.places[i]!;
      const y = height + row * legendLine + 6;
      return `<path class="s${i}" fill="none" stroke-width="2.5" d="M${x} ${y}h20"/><text x="${x + 26}" y="${y + 4}">${escapeHtml(one.name)}</text>`;
    }),
    '</svg>',
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function extent(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  if (low < high) return [low, high];
  const room = Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

/** A lone point between gaps is drawn as a dot: a line of no length with round ends. */
function pathOf({ points }: Series, px: (x: number) => number, py: (y: number) => number): string {
  let open = false;
  let path = '';
  for (const { x, y } of points) {
    const drawn = Number.isFinite(x) && Number.isFinite(y);
    if (drawn) path += open ? `L${at(px(x))} ${at(py(y))}` : `M${at(px(x))} ${at(py(y))}h0`;
    open = drawn;
  }
  return path;
}

function legendRows(series: readonly Series[], width: number) {
  const places: { readonly x: number; readonly row: number }[] = [];
  let [x, row] = [margin.left, 0];
  for (const { name } of series) {
    // About 7 pixels a character at 12 px.
    const needed = 26 + 7 * name.length + 18;
    if (x > margin.left && x + needed > width) [x, row] = [margin.left, row + 1];
    places.push({ x, row });
    x += needed;
  }
  return { places, rows: series.length === 0 ? 0 : row + 1 };
}

function styleOf(id: string, count: number): string {
  const rule = (i: number, dark: 0 | 1): string =>
    `.${id} .s${i}{stroke:${strokes[i % strokes.length]![dark]}}`;
  const dash = (i: number): string => {
    const pattern = dashes[Math.floor(i / strokes.length) % dashes.length]!;
    return pattern === '' ? '' : `.${id} .s${i}{stroke-dasharray:${pattern}}`;
  };
  const all = Array.from({ length: count }, (_, i) => i);
  return `${all.map((i) => rule(i, 0) + dash(i)).join('')}@media (prefers-color-scheme:dark){${all.map((i) => rule(i, 1)).join('')}}`;
}

function describe(title: string, series: readonly Series[]): string {
  const last = series.map(({ name, points }) => {
    const end = points.findLast(({ y }) => Number.isFinite(y));
    return end ? `${name}: last ${Number(end.y.toPrecision(4))}` : `${name}: no values`;
  });
  return `${title}. ${last.join('; ')}.`;
}
