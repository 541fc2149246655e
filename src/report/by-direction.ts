/** From which modality to which. */
export interface Direction {
  readonly source: string;
  readonly target: string;
}

/** The rows of one direction. */
export interface DirectionRows<Row> extends Direction {
  readonly rows: readonly Row[];
}

/**
 * Rows by direction, in the order of the modalities; directions without rows are left out. Sources that are no modality, such as
 * several together, come last, in their own order.
 */
export function byDirection<Row extends Direction>(
  modalities: readonly string[],
  rows: readonly Row[],
): DirectionRows<Row>[] {
  const sources = [...new Set([...modalities, ...rows.map(({ source }) => source)])];
  return sources.flatMap((source) =>
    modalities.flatMap((target) => {
      const own = rows.filter((row) => row.source === source && row.target === target);
      return own.length === 0 ? [] : [{ source, target, rows: own }];
    }),
  );
}

/** A direction in words: `t1 → t2`. */
export function directionName({ source, target }: Direction): string {
  return `${source} → ${target}`;
}
