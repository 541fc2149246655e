import { figure, figureGrid, type Html } from '../report/html-page.js';
import { lineChart, type Series } from '../report/line-chart.js';
import { type JournalLine, readJournal } from '../training/journal.node.js';
import type { Stage } from '../training/update-setup.js';
import { runPaths } from './run-folder.js';

/** Points of a loss curve: more would only be drawn over each other. */
const pointsOfCurve = 200;

/** The generator's errors that are drawn where a run has them, by their names in the journal. */
const lossNames = {
  rec: 'cycle (rec)',
  local: 'tumour (local)',
  truth: 'known truth (truth)',
  sup: 'output (sup)',
  feature: 'bottleneck (feature)',
} as const;

/** A stage and the run that holds its journal. */
export interface TrainedStage {
  readonly stage: Stage;
  readonly run: string;
}

/** The curves of several stages: validation figures and losses over iterations. */
export async function learningCurves(stages: readonly TrainedStage[]): Promise<Html> {
  const journals = await Promise.all(
    stages.map(async ({ stage, run }) => ({ stage, lines: await readJournal(runPaths.journal(run, stage)) })),
  );
  const validation = (measure: 'ssim' | 'mae'): Series[] =>
    journals.map(({ stage, lines }) => ({
      name: stage,
      points: lines.flatMap((line) =>
        line.kind === 'validation' ? [{ x: line.iteration, y: line.score[measure] }] : [],
      ),
    }));
  const xLabel = 'updates';
  const charts = [
    {
      series: validation('ssim'),
      options: { title: 'SSIM of held-out slices, mean over directions', xLabel, yLabel: 'SSIM' },
      caption: 'Structural similarity on held-out patients; higher is better.',
    },
    {
      series: validation('mae'),
      options: { title: 'Absolute error of held-out slices, mean over directions', xLabel, yLabel: 'MAE' },
      caption: 'Absolute error in the brain on held-out patients; lower is better.',
    },
    ...journals.map(({ stage, lines }) => ({
      series: Object.entries(lossNames)
        .map(([loss, name]) => ({ name, points: lossCurve(lines, `generator.${loss}`) }))
        .filter(({ points }) => points.length > 0),
      options: { title: `Generator's losses, ${stage}`, xLabel, yLabel: 'mean error' },
      caption: `What the ${stage} is asked to make small, averaged over neighbouring updates.`,
    })),
  ];
  // A run that has only begun has not been validated.
  const drawn = charts.filter(({ series }) => series.some(({ points }) => points.length > 0));
  return figureGrid(
    drawn.map(({ series, options, caption }) => figure(lineChart(series, options), '', caption)),
  );
}

/** A loss averaged over equal stretches of the stage. */
function lossCurve(lines: readonly JournalLine[], name: string): { x: number; y: number }[] {
  const values = lines.flatMap((line) =>
    line.kind === 'step' && name in line.losses ? [{ x: line.iteration, y: line.losses[name]! }] : [],
  );
  const stretch = Math.max(1, Math.ceil(values.length / pointsOfCurve));
  return Array.from({ length: Math.floor(values.length / stretch) }, (_, i) => {
    const part = values.slice(i * stretch, (i + 1) * stretch);
    return { x: part.at(-1)!.x, y: part.reduce((total, { y }) => total + y, 0) / part.length };
  });
}
