import { fail } from '../base/errors.js';
import type { Node } from '../engine/graph/graph.js';
import { numberIn, type Tensors } from '../engine/graph/tensor.js';
import { type HeldTensors, isOnDevice } from '../engine/runtime/runtime.js';

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

/** What a person can do who meets a divergence; a run's configuration never changes. */
const afterDivergence = 'Look at the data, or start a new run with a smaller learningRate.';

/** A loss beyond this does not come back: published terms stay below a thousand. */
const largestLoss = 1e9;

/**
 * The loss terms among an update's results, as `<label>.<term>`.
 *
 * @throws UtadError diverged when one is not finite or beyond 1e9, naming the first term that is; the total comes last.
 */
export function lossValues(label: string, results: HeldTensors, iteration: number): Record<string, number> {
  const values = Object.entries(results).flatMap(([name, value]) =>
    name.startsWith(termPrefix) && !isOnDevice(value)
      ? [[`${label}.${name.slice(termPrefix.length)}`, numberIn(value)] as const]
      : [],
  );
  // A total is wrong because of one of its terms.
  const totalsLast = values.toSorted(([a], [b]) => Number(a.endsWith('total')) - Number(b.endsWith('total')));
  for (const [name, value] of totalsLast) {
    if (Math.abs(value) <= largestLoss) continue;
    fail('diverged', {
      where: `iteration ${iteration}, loss ${name}`,
      expected: Number.isFinite(value) ? `at most ${largestLoss}` : 'a finite number',
      got: String(value),
      todo: afterDivergence,
    });
  }
  return Object.fromEntries(values);
}

/**
 * Checks a state before it is saved: losses are finite one update longer than what they were computed from.
 *
 * @throws UtadError diverged, naming the first tensor that is not finite.
 */
export function requireFinite(where: string, tensors: Tensors): void {
  for (const [name, { data }] of Object.entries(tensors)) {
    const value = firstNotFinite(data);
    if (value === null) continue;
    fail('diverged', {
      where: `${where}, tensor ${name}`,
      expected: 'finite numbers',
      got: String(value),
      todo: afterDivergence,
    });
  }
}

/** A plain loop: a state has hundreds of millions of numbers. */
function firstNotFinite(data: Float32Array): number | null {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i]!)) return data[i]!;
  return null;
}
