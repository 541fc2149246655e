import type { JobOutcome } from '../jobs/job.js';
import { type MeanDeviation, meanDeviation } from '../metrics/deviation.js';
import type { TrainRunResult } from '../runs/train-run-job.js';
import type { SweepPoint } from './sweep-plan.js';

/** What became of one run. */
export interface SweepRow {
  readonly name: string;
  /** Relative to the sweep's folder. */
  readonly run: string;
  readonly variant: string | null;
  readonly varied: Readonly<Record<string, unknown>>;
  readonly fold: number | null;
  readonly status: 'done' | 'failed' | 'stopped';
  readonly message: string | null;
  /** The best validation of the last stage; null where there is none. */
  readonly iteration: number | null;
  readonly ssim: number | null;
  readonly mae: number | null;
  /** What its updates took, for people; null where it is not finished. */
  readonly seconds: number | null;
}

/** Runs that differ by seed and fold alone. */
export interface SweepGroup {
  readonly variant: string | null;
  readonly varied: Readonly<Record<string, unknown>>;
  /** Of which there are figures. */
  readonly runs: number;
  readonly ssim: MeanDeviation | null;
  readonly mae: MeanDeviation | null;
}

/** What became of every run, in their order. */
export function sweepRows(
  points: readonly SweepPoint[],
  outcomes: ReadonlyMap<string, JobOutcome<TrainRunResult>>,
): readonly SweepRow[] {
  return points.map(({ name, variant, varied, fold }): SweepRow => {
    const outcome = outcomes.get(name);
    const best = outcome?.status === 'done' ? outcome.result.best : null;
    return {
      name,
      run: name,
      variant: variant ?? null,
      varied,
      fold: fold ?? null,
      status: outcome?.status ?? 'stopped',
      message: outcome?.status === 'failed' ? outcome.failure.message : null,
      iteration: best?.iteration ?? null,
      ssim: best?.ssim ?? null,
      mae: best?.mae ?? null,
      seconds: outcome?.status === 'done' ? (outcome.result.seconds ?? outcome.seconds) : null,
    };
  });
}

/** Puts runs together that differ by seed and fold alone. */
export function sweepGroups(rows: readonly SweepRow[]): readonly SweepGroup[] {
  const groups = new Map<string, { readonly varied: SweepGroup['varied']; readonly rows: SweepRow[] }>();
  for (const row of rows) {
    const { seed: _, ...varied } = row.varied;
    const key = JSON.stringify([row.variant, varied]);
    const group = groups.get(key) ?? { varied, rows: [] };
    group.rows.push(row);
    groups.set(key, group);
  }
  return [...groups.values()].map(({ varied, rows: own }) => {
    const figures = (of: (row: SweepRow) => number | null): MeanDeviation | null =>
      overRuns(own.map(of).filter((value) => value !== null));
    const runs = own.filter(({ ssim }) => ssim !== null).length;
    const [ssim, mae] = [figures((row) => row.ssim), figures((row) => row.mae)];
    return { variant: own[0]!.variant, varied, runs, ssim, mae };
  });
}

function overRuns(values: readonly number[]): MeanDeviation | null {
  return values.length === 0 ? null : meanDeviation(values, true);
}
