import { fail } from '../base/errors.js';
import { sortedQuantile } from '../base/sorted-quantile.js';
import { at, hashOf } from './chart-text.js';
import { escapeHtml } from './escape-html.js';
import { formatTick, niceTicks } from './nice-ticks.js';

/** Values of several answers to one question, e.g. a direction: one value a patient. */
interface StripGroup {
  readonly name: string;
  /** As many as there are series, in their order; those that are not finite are left out. */
  readonly values: readonly (readonly number[])[];
}

/** How a strip chart is drawn. */
interface StripChartOptions {
  /** What it shows, also read out by screen readers. */
  readonly title: string;
  /** Names of the answers, e.g. translation, copy. */
  readonly series: readonly string[];
  readonly yLabel?: string;
  /** Pixels; 1100 × 300 unless given. */
  readonly width?: number;
  readonly height?: number;
}

/** On a light and on a dark ground; the first stands out. @source Okabe and Ito 2008, adapted. */
const fills: readonly (readonly [string, string])[] = [
  ['#0068b0', '#5cb8f5'],
  ['#c14a00', '#ff9150'],
  ['#00795a', '#3fcfa5'],
  ['#a3447f', '#e79bc8'],
];
const margin = { left: 56, right: 12, top: 10 };
/** Fewer values have no quartiles worth a box. */
const leastForBox = 5;

/**
 * Draws every value as a dot, group beside group, with its median as a line and its quartiles as a box where there
 * are five values or more; a self-contained SVG in the reader's light or dark setting.
 *
 * @throws UtadError bad-argument when there is no finite value.
 */
export function stripChart(groups: readonly StripGroup[], options: StripChartOptions): string {
  const { title, series, yLabel, width = 1100, height = 300 } = options;
  const all = groups.flatMap(({ values }) => values.flat()).filter(Number.isFinite);
  if (all.length === 0)
    fail('bad-argument', { where: 'strip chart', expected: 'a finite value', got: 'none' });
  const [low, high] = extent(all);
  const ticks = niceTicks(low, high, 6);
  const step = (width - margin.left - margin.right) / groups.length;
  const longest = Math.max(...groups.map(({ name }) => name.length));
  // About 6.5 pixels a character at 12 px.
  const turned = 6.5 * longest > step - 4;
  const bottom = height - (turned ? 40 + 4.2 * longest : 48);
  const py = (value: number): number =>
    margin.top + (1 - (value - low) / (high - low)) * (bottom - margin.top);
  const id = `strip-${hashOf(title)}`;

  const axis = ticks.map(
    (tick) =>
      `<path d="M${margin.left} ${at(py(tick))}H${width - margin.right}" stroke="currentColor" stroke-opacity=".14"/>` +
      `<text x="${margin.left - 8}" y="${at(py(tick) + 4)}" text-anchor="end">${formatTick(tick, ticks)}</text>`,
  );
  const drawn = groups.map((group, g) => {
    const left = margin.left + g * step;
    const middle = left + step / 2;
    const label = turned
      ? `<text transform="translate(${at(middle + 4)} ${at(bottom + 14)}) rotate(-35)" text-anchor="end">${escapeHtml(group.name)}</text>`
      : `<text x="${at(middle)}" y="${at(bottom + 18)}" text-anchor="middle">${escapeHtml(group.name)}</text>`;
    const lane = (0.8 * step) / series.length;
    const strips = group.values.map((values, s) =>
      strip(values.filter(Number.isFinite), left + 0.1 * step + (s + 0.5) * lane, lane, s, py),
    );
    const divider =
      g === 0
        ? ''
        : `<path d="M${at(left)} ${margin.top}V${at(bottom)}" stroke="currentColor" stroke-opacity=".08"/>`;
    return divider + label + strips.join('');
  });
  const legend = series.map((name, s) => {
    const x = margin.left + series.slice(0, s).reduce((sum, one) => sum + 7 * one.length + 34, 0);
    return `<circle class="s${s}" cx="${x + 5}" cy="${height - 8}" r="4"/><text x="${x + 14}" y="${height - 4}">${escapeHtml(name)}</text>`;
  });
  return [
    `<svg class="chart ${id}" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escapeHtml(describe(title, groups, series))}" fill="currentColor" font-family="system-ui, sans-serif" font-size="12">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${styleOf(id, series.length)}</style>`,
    ...axis,
    yLabel === undefined
      ? ''
      : `<text transform="translate(13 ${at((margin.top + bottom) / 2)}) rotate(-90)" text-anchor="middle">${escapeHtml(yLabel)}</text>`,
    ...drawn,
    ...legend,
    '</svg>',
  ].join('\n');
}

/** Dots across a lane, their box and median. */
function strip(
  values: readonly number[],
  x: number,
  lane: number,
  series: number,
  py: (value: number) => number,
): string {
  if (values.length === 0) return '';
  const sorted = [...values].sort((a, b) => a - b);
  const half = 0.36 * lane;
  const [q1, median, q3] = [0.25, 0.5, 0.75].map((share) => py(sortedQuantile(sorted, share))) as [
    number,
    number,
    number,
  ];
  const box =
    values.length < leastForBox
      ? ''
      : `<rect class="s${series}" x="${at(x - half)}" y="${at(q3)}" width="${at(2 * half)}" height="${at(Math.max(0.5, q1 - q3))}" fill-opacity=".16"/>`;
  const [radius, opacity] = values.length > 60 ? [1.5, 0.35] : [2.5, 0.75];
  // Patients keep their place across a lane from strip to strip, so that an outlier can be followed.
  const dots = values.map((value, i) => {
    const offset = values.length === 1 ? 0 : ((i % 7) / 6 - 0.5) * 1.3 * half;
    return `<circle class="s${series}" cx="${at(x + offset)}" cy="${at(py(value))}" r="${radius}" fill-opacity="${opacity}"/>`;
  });
  const line = `<path class="l${series}" d="M${at(x - half)} ${at(median)}h${at(2 * half)}" stroke-width="2"/>`;
  return box + dots.join('') + line;
}

function extent(values: readonly number[]): readonly [number, number] {
  const low = values.reduce((least, value) => Math.min(least, value), Number.POSITIVE_INFINITY);
  const high = values.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const room = 0.04 * (high - low) || Math.abs(low) * 0.1 || 1;
  return [low - room, high + room];
}

function styleOf(id: string, count: number): string {
  const rules = (dark: 0 | 1): string =>
    Array.from({ length: count }, (_, s) => {
      const colour = fills[s % fills.length]![dark];
      return `.${id} .s${s}{fill:${colour}}.${id} .l${s}{stroke:${colour}}`;
    }).join('');
  return `${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}`;
}

function describe(title: string, groups: readonly StripGroup[], series: readonly string[]): string {
  const words = groups.map(({ name, values }) => {
    const medians = values.map((one, s) => {
      const sorted = one.filter(Number.isFinite).sort((a, b) => a - b);
      return sorted.length === 0 ? '' : `${series[s]} ${Number(sortedQuantile(sorted, 0.5).toPrecision(3))}`;
    });
    return `${name}: median ${medians.filter((one) => one !== '').join(', ')}`;
  });
  return `${title}. ${words.join('; ')}.`;
}
