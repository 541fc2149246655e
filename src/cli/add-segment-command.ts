import type { Command } from 'commander';
import { addSegmentPredictCommand } from './add-segment-predict-command.js';
import { addSegmentTrainCommand } from './add-segment-train-command.js';
import { declareCommand } from './command-table.js';

/** Adds `utad segment train` and `utad segment predict`: a network that finds tumour regions. */
export function addSegmentCommand(program: Command): void {
  const segment = declareCommand(program, 'segment');
  addSegmentTrainCommand(segment);
  addSegmentPredictCommand(segment);
}
