import { z } from 'zod';
import { fail } from '../base/errors.js';
import { readJsonObject } from '../base/json.node.js';
import type { Grid } from './sweep-grid.js';

/** One run of a sweep. */
export interface SweepPoint {
  /** Names the run and its folder. */
  readonly name: string;
  /** Name of its variant; absent without `--variants`. */
  readonly variant?: string;
  /** Fields of the grid with the run's values. */
  readonly varied: Readonly<Record<string, unknown>>;
  /** All fields that it overrides. */
  readonly overrides: Readonly<Record<string, unknown>>;
  /** From 1; absent without `--folds`. */
  readonly fold?: number;
}

/** What a sweep goes over. */
interface SweepAxes {
  readonly grid: Grid;
  /** Name → fields, or null for the configuration as it is. */
  readonly variants: Readonly<Record<string, Readonly<Record<string, unknown>>>> | null;
  /** How many folds; null for one split. */
  readonly folds: number | null;
}

/** More runs than this are a mistake. */
const mostRuns = 10_000;

/** Variants out of a JSON file: `{"no-cycle": {"losses.generator.rec": 0}, "as-published": {}}`. */
export async function readVariants(path: string): Promise<NonNullable<SweepAxes['variants']>> {
  const found = z
    .record(z.string().min(1), z.record(z.string(), z.unknown()))
    .safeParse(await readJsonObject(path));
  if (found.success && Object.keys(found.data).length > 0) return found.data;
  return fail('bad-file', {
    where: path,
    expected: 'a JSON object of variants, each an object of fields',
    got: 'something else',
  });
}

/** The runs of a sweep: every variant with every combination of the grid, in every fold. @throws UtadError bad-argument. */
export function pointsOf({ grid, variants, folds }: SweepAxes): readonly SweepPoint[] {
  let combinations: Readonly<Record<string, unknown>>[] = [{}];
  for (const [field, values] of Object.entries(grid))
    combinations = combinations.flatMap((one) => values.map((value) => ({ ...one, [field]: value })));
  const named = variants === null ? [undefined] : Object.entries(variants);
  const places = folds === null ? [undefined] : Array.from({ length: folds }, (_, i) => i + 1);
  const points = named.flatMap((variant) =>
    combinations.flatMap((varied) =>
      places.map((fold): SweepPoint => {
        const overrides = { ...variant?.[1], ...varied };
        const parts = [
          ...(variant === undefined ? [] : [variant[0]]),
          ...Object.entries(varied).map(([field, value]) => `${field}-${textOf(value)}`),
          ...(fold === undefined ? [] : [`fold-${fold}`]),
        ];
        return {
          name: parts.map(fileSafeText).join('_') || 'run',
          ...(variant === undefined ? {} : { variant: variant[0] }),
          varied,
          overrides,
          ...(fold === undefined ? {} : { fold }),
        };
      }),
    ),
  );
  if (points.length > mostRuns)
    fail('bad-argument', {
      where: '--vary',
      expected: `at most ${mostRuns} runs`,
      got: String(points.length),
    });
  const twice = points.find(({ name }, i) => points.findIndex((one) => one.name === name) !== i);
  if (twice !== undefined) {
    const todo = 'Name them apart with --variants.';
    fail('bad-argument', {
      where: '--vary',
      expected: 'runs with names of their own',
      got: twice.name,
      todo,
    });
  }
  return points;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function fileSafeText(text: string): string {
  return text.replace(/[^A-Za-z0-9.+-]+/g, '-').replace(/^[.-]+|-+$/g, '');
}
