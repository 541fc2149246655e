import type { Command } from 'commander';

/** Adds `utad report <run>`: one page that tells all about a training run. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description(
      'writes one self-contained page about a training run: curves, samples, figures, configuration',
    )
    .argument('<run>', 'folder of utad train; it may still be training')
    .option('--out <file>', 'the page; report.html in the run when left out')
    .action(async (run, options) => (await import('./report.js')).report(run, options));
}
