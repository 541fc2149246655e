import { figure, figureGrid, type Html } from '../report/html-page.js';
import { lineChart, type Series } from '../report/line-chart.js';
import type { JournalLine } from '../training/journal.node.js';
import type { Method } from '../training/method.js';

/** Points of a loss curve: more would only be drawn over each other. */
const pointsOfCurve = 200;

/** A method with its journal. */
interface Journalled<Score, Held> {
  readonly method: Pick<Method<Score, Held>, 'name' | 'losses' | 'validation'>;
  readonly lines: readonly JournalLine<Score>[];
}

/** The curves of several methods of one kind: validation figures and losses over iterations. */
export function learningCurves<Score, Held>(trained: readonly Journalled<Score, Held>[]): Html {
  const xLabel = 'updates';
  const { charts: figures } = trained[0]!.method.validation;
  const charts = [
    ...figures.map(({ title, label, caption, value }) => ({
      series: trained.map(
        ({ method, lines }): Series => ({
          name: method.name,
          points: lines.flatMap((line) =>
            line.kind === 'validation' ? [{ x: line.iteration, y: value(line.score) }] : [],
          ),
        }),
      ),
      options: { title, xLabel, yLabel: label },
      caption,
    })),
    ...trained.map(({ method: { name, losses }, lines }) => ({
      series: losses
        .flatMap((loss) => (loss.title === null ? [] : [{ name: loss.title, column: loss.name }]))
        .map((loss): Series => ({ name: loss.name, points: lossCurve(lines, loss.column) }))
        .filter(({ points }) => points.length > 0),
      options: { title: `Losses, ${name}`, xLabel, yLabel: 'mean error' },
      caption: `What the ${name} is asked to make small, averaged over neighbouring updates.`,
    })),
  ];
  // A run that has only begun has not been validated.
  const drawn = charts.filter(({ series }) => series.some(({ points }) => points.length > 0));
  return figureGrid(
    drawn.map(({ series, options, caption }) => figure(lineChart(series, options), '', caption)),
  );
}

/** A loss averaged over equal stretches of the training. */
function lossCurve(lines: readonly JournalLine<unknown>[], name: string): { x: number; y: number }[] {
  const values = lines.flatMap((line) =>
    line.kind === 'step' && name in line.losses ? [{ x: line.iteration, y: line.losses[name]! }] : [],
  );
  const stretch = Math.max(1, Math.ceil(values.length / pointsOfCurve));
  return Array.from({ length: Math.floor(values.length / stretch) }, (_, i) => {
    const part = values.slice(i * stretch, (i + 1) * stretch);
    return { x: part.at(-1)!.x, y: part.reduce((total, { y }) => total + y, 0) / part.length };
  });
}
