import type { Command } from 'commander';
import { keepingInputs } from '../datasets/keeping-inputs.node.js';
import { declareCommand } from './command-table.js';

/** Adds `utad report <run>`: one page that tells all about a training run. */
export function addReportCommand(program: Command): void {
  declareCommand(program, 'report')
    .option('--out <file>', 'the page; report.html in the run when left out')
    .action(keepingInputs(async (run, options) => (await import('./report.js')).report(run, options)));
}
