import { fail } from '../base/errors.js';
import type { Node } from '../engine/graph.js';
import { type HeldTensors, isOnDevice } from '../engine/runtime.js';
import { numberIn } from '../engine/tensor.js';

/** Prefix of an output that replaces the tensor of that name in the training state. */
export const nextPrefix = 'next.';
/** Prefix of an output that is a loss term. */
export const termPrefix = 'term.';

/** Loss values of an iteration by name, `<program>.<term>`. */
export type LossValues = Readonly<Record<string, number>>;

/** Loss terms as outputs of an update program. */
export function termOutputs(terms: Readonly<Record<string, Node>>, label = ''): Record<string, Node> {
  return Object.fromEntries(
    Object.entries(terms).map(([name, node]) => [`${termPrefix}${label}${name}`, node]),
  );
}

/** What an update put in the place of state tensors, by their names in the state. */
export function nextTensors(results: HeldTensors): HeldTensors {
  return Object.fromEntries(
    Object.entries(results).flatMap(([name, value]) =>
      name.startsWith(nextPrefix) ? [[name.slice(nextPrefix.length), value]] : [],
    ),
  );
}

/**
 * The loss terms among an update's results, as `<label>.<term>`.
 *
 * @throws UtadError diverged when one is not finite, naming it.
 */
export function lossValues(label: string, results: HeldTensors, iteration: number): Record<string, number> {
  const values = Object.entries(results).flatMap(([name, value]) =>
    name.startsWith(termPrefix) && !isOnDevice(value)
      ? [[`${label}.${name.slice(termPrefix.length)}`, numberIn(value)] as const]
      : [],
  );
  for (const [name, value] of values) {
    if (Number.isFinite(value)) continue;
    fail('diverged', {
      where: `iteration ${iteration}, loss ${name}`,
      expected: 'a finite number',
      got: String(value),
      todo: 'Resume from the last checkpoint with a smaller learningRate, or look at the data.',
    });
  }
  return Object.fromEntries(values);
}
