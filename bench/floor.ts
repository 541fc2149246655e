import { describeGraph } from '../src/engine/graph/describe.js';
import type { MachineRates } from './machine.js';
import { graphOf } from './programs.js';
import type { Work } from './works.js';

/**
 * The time below which a piece of work cannot fall: its floating-point operations at the rate of a large matrix
 * product. Reading and writing between operations is not counted, so small widths lie further from it.
 */
export function floorSeconds(work: Work, { flopsPerSecond }: MachineRates): number {
  return (describeGraph(graphOf(work)).flops * (work.slices ?? 1)) / flopsPerSecond;
}
