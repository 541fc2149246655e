import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { substituteInputs } from '../engine/graph/substitute.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors } from '../engine/runtime/runtime.js';
import { adamInputs } from './adam.js';
import type { Update } from './method.js';
import { nextPrefix, termPrefix } from './program-outputs.js';

/**
 * Two updates of an iteration as one program: the second sees the networks as they are after the first. Both begin with the
 * same pass of the generator; it is computed once.
 *
 * Inputs: those of both, the second one's Adam factors by {@link jointAdamFactors}. Outputs: `next.*` after both, terms
 * for {@link termsOf}.
 */
export function jointUpdate(name: string, first: Update, second: Update): Graph {
  const [before, program] = [first.graph(), second.graph()];
  const known = new Map<string, Node>(before.inputs.map((node) => [node.attributes.name, node]));
  const own = new Set<string>(Object.values(adamInputs));
  const after = substituteInputs(program, ({ attributes, shape }) =>
    own.has(attributes.name)
      ? input(`${second.label}.${attributes.name}`, shape)
      : (before.outputs[`${nextPrefix}${attributes.name}`] ?? known.get(attributes.name)),
  );
  return createGraph(name, {
    ...labelled(first.label, before.outputs),
    // The generator's pass moves its running statistics once more.
    ...labelled(second.label, after),
  });
}

/** Adam's factors of a joint program's second update. */
export function jointAdamFactors(label: string, factors: Tensors): Tensors {
  return Object.fromEntries(Object.entries(factors).map(([name, value]) => [`${label}.${name}`, value]));
}

/** The terms of one update of a joint program's results, as that update's own program names them. */
export function termsOf(label: string, results: HeldTensors): HeldTensors {
  const prefix = `${label}.${termPrefix}`;
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(label.length + 1), value] as const] : [],
    ),
  );
}

function labelled(label: string, outputs: Readonly<Record<string, Node>>): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, node]) => [
      name.startsWith(termPrefix) ? `${label}.${name}` : name,
      node,
    ]),
  );
}
