import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import { substituteInputs } from '../engine/graph/substitute.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { HeldTensors } from '../engine/runtime/runtime.js';
import { adamInputs } from './adam.js';
import { nextPrefix, termPrefix } from './program-outputs.js';
import { criticUpdate, generatorUpdate } from './update.js';
import type { UpdateSetup } from './update-setup.js';

/** In front of the generator's Adam factors, which are not the critics'. */
const generatorPrefix = 'generator.';

/** Whose terms they are, in front of a joint program's. */
type Half = 'critic' | 'generator';

/**
 * Both updates of an iteration as one program: the critics' and then the generator's, which is judged by the critics
 * as they are after theirs. Both begin with the same pass of the generator; it is computed once.
 *
 * Inputs: those of both, the generator's Adam factors by {@link jointAdamFactors}. Outputs: `next.*` after both, terms
 * for {@link termsOf}.
 */
export function jointUpdate(setup: UpdateSetup): Graph {
  const critic = criticUpdate(setup);
  const generator = generatorUpdate(setup);
  const known = new Map<string, Node>(critic.inputs.map((node) => [node.attributes.name, node]));
  const own = new Set<string>(Object.values(adamInputs));
  const after = substituteInputs(generator, ({ attributes: { name }, shape }) =>
    own.has(name)
      ? input(`${generatorPrefix}${name}`, shape)
      : (critic.outputs[`${nextPrefix}${name}`] ?? known.get(name)),
  );
  return createGraph(`${setup.stage} iteration`, {
    ...labelled('critic', critic.outputs),
    // The generator's pass moves its running statistics once more.
    ...labelled('generator', after),
  });
}

/** Adam's factors of the generator, for a joint program. */
export function jointAdamFactors(factors: Tensors): Tensors {
  return Object.fromEntries(
    Object.entries(factors).map(([name, value]) => [`${generatorPrefix}${name}`, value]),
  );
}

/** The terms of one half of a joint program's results, as that half's own program names them. */
export function termsOf(half: Half, results: HeldTensors): HeldTensors {
  const prefix = `${half}.${termPrefix}`;
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(half.length + 1), value] as const] : [],
    ),
  );
}

function labelled(half: Half, outputs: Readonly<Record<string, Node>>): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, node]) => [
      name.startsWith(termPrefix) ? `${half}.${name}` : name,
      node,
    ]),
  );
}
