/**
 * Round numbers (1, 2 or 5 times a power of ten apart) that cover a range, at most about `count` of them.
 *
 * @source Heckbert, "Nice numbers for graph labels", Graphics Gems 1990.
 */
export function niceTicks(low: number, high: number, count: number): readonly number[] {
  const rough = (high - low) / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step =
    [1, 2, 5, 10].map((factor) => factor * power).find((one) => one >= rough * (1 - 1e-9)) ?? 10 * power;
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  // Multiplying keeps 0.3 from becoming 0.30000000000000004 by repeated addition.
  return Array.from({ length: last - first + 1 }, (_, i) => Number(((first + i) * step).toPrecision(12)));
}

/** A tick as text, with as many decimals as its neighbours need and k for thousands. */
export function formatTick(value: number, ticks: readonly number[]): string {
  const largest = Math.max(...ticks.map(Math.abs));
  if (largest >= 1e6 || (largest > 0 && largest < 1e-4))
    return value === 0 ? '0' : Number(value.toPrecision(6)).toExponential();
  if (largest >= 1e4) return value === 0 ? '0' : `${Number((value / 1000).toPrecision(6))}k`;
  const decimals = Math.max(0, ...ticks.map((tick) => String(tick).split('.')[1]?.length ?? 0));
  return value.toFixed(decimals);
}
