import { describeGraph, printGraph } from '../engine/graph/describe.js';
import type { Graph } from '../engine/graph/graph.js';
import { stageTranslation, updateSetupOf } from '../methods/utad.js';
import { criticUpdate, generatorUpdate } from '../methods/utad-update.js';
import { resolveConfiguration } from '../training/presets.js';
import { modelOf, type TrainingConfiguration } from '../training/training-configuration.js';
import type { Stage } from '../training/utad-losses.js';

interface GraphOptions {
  readonly preset: string;
  readonly set: Readonly<Record<string, unknown>>;
  readonly program: 'critic' | 'generator' | 'translation';
  readonly stage: Stage;
  readonly print?: boolean;
  readonly json?: boolean;
}

function graphOf(configuration: TrainingConfiguration, { program, stage }: GraphOptions): Graph {
  if (program === 'translation') return stageTranslation(stage, modelOf(configuration, stage), 1);
  const setup = updateSetupOf(configuration, stage);
  return program === 'critic' ? criticUpdate(setup) : generatorUpdate(setup);
}

export function showGraph(options: GraphOptions): void {
  const graph = graphOf(resolveConfiguration(options.preset, options.set), options);
  if (options.print) console.log(printGraph(graph));
  const description = describeGraph(graph);
  if (options.json) {
    console.log(JSON.stringify(description, null, 2));
    return;
  }
  console.log(
    `${description.name}: ${description.nodes} nodes, ${(description.flops / 1e9).toFixed(2)} GFLOP`,
  );
  for (const [part, count] of Object.entries(description.parameters)) {
    console.log(`  ${part.padEnd(28)} ${(count / 1e6).toFixed(3).padStart(9)} M parameters`);
  }
  for (const [op, count] of Object.entries(description.operations))
    console.log(`  ${op.padEnd(28)} ${String(count).padStart(9)}`);
}
