import { gradient } from '../graph/gradient.js';
import { createGraph, type Graph } from '../graph/graph.js';
import { longCases, operationCases, tieCases } from '../graph/operation-cases.js';
import { multiply, reshape, sum } from '../graph/operations.js';
import { evaluateReference } from '../graph/reference.js';
import type { Tensors } from '../graph/tensor.js';
import type { Program, Runtime } from '../runtime/runtime.js';

/**
 * Largest difference from the reference that a backend may show, relative to the largest value of an output.
 * Backends that are right stay below 2e-5; those that are wrong are off by 0.01 and more.
 */
const parityTolerance = 1e-3;

/** A program with inputs that every backend must compute as the reference does. */
export interface ParityCase {
  readonly name: string;
  readonly graph: Graph;
  readonly inputs: Tensors;
}

/** What a backend made of a case: its outputs, or why there are none. */
export type Outcome =
  | { readonly name: string; readonly outputs: Tensors }
  | { readonly name: string; readonly outputs: null; readonly reason: string };

/** What a backend's self-test found. */
export interface SelfTestResult {
  readonly passed: boolean;
  readonly maxError: number;
  /** The first case that is wrong or does not run, with the reason; null when all is well. */
  readonly failure: string | null;
}

/** What a backend will be used for: `use` needs no gradients. */
type Purpose = 'training' | 'use';

/**
 * Every operation, for training with its gradient, the ties of pooling and operations over many pixels: what each backend must pass before it is
 * used.
 */
export function parityCases(purpose: Purpose = 'training'): ParityCase[] {
  return [...operationCases(), ...tieCases(), ...longCases()].map(({ graph, inputs }) => ({
    name: graph.name,
    graph: purpose === 'training' ? withGradients(graph) : graph,
    inputs,
  }));
}

/** Computes cases on a backend, one after the other. */
export async function* runCases(runtime: Runtime, cases: readonly ParityCase[]): AsyncGenerator<Outcome> {
  // A backend gives up its device when the last program is closed, and opening it again takes long.
  const programs: Program[] = [];
  try {
    for (const { name, graph, inputs } of cases) {
      try {
        const program = await runtime.compile(graph);
        programs.push(program);
        yield { name, outputs: await program.run(inputs) };
      } catch (error) {
        yield { name, outputs: null, reason: error instanceof Error ? error.message : String(error) };
      }
    }
  } finally {
    for (const program of programs) await program.close();
  }
}

/**
 * Computes every operation, for training with its gradient, on a backend and compares with the reference evaluator, up
 * to the first that is wrong.
 *
 * Backends have been wrong in silence (first convolutions with more than 3 channels, strided ones): none is used
 * before it has passed.
 */
export async function selfTest(runtime: Runtime, purpose: Purpose = 'training'): Promise<SelfTestResult> {
  const cases = parityCases(purpose);
  let [index, maxError] = [0, 0];
  for await (const outcome of runCases(runtime, cases)) {
    const { graph, inputs } = cases[index++]!;
    const { error, failure } = compareWithReference(outcome, evaluateReference(graph, inputs));
    if (failure !== null) return { passed: false, maxError: error, failure: `${outcome.name} ${failure}` };
    maxError = Math.max(maxError, error);
  }
  return { passed: true, maxError, failure: null };
}

/**
 * Compares what a backend made of a case with what the reference makes of it.
 *
 * @param floor outputs whose values are all smaller than this count as this large
 * @returns the largest relative error of all outputs, and what is wrong or null
 */
export function compareWithReference(
  outcome: Outcome,
  expected: Readonly<Record<string, Float64Array>>,
  { tolerance = parityTolerance, floor = 1 } = {},
): { readonly error: number; readonly failure: string | null } {
  if (outcome.outputs === null)
    return { error: Number.POSITIVE_INFINITY, failure: `does not run: ${outcome.reason}` };
  let [most, worst] = [0, ''];
  for (const [output, values] of Object.entries(expected)) {
    const error = relativeError(outcome.outputs[output]?.data ?? new Float32Array(0), values, floor);
    if (error > most) [most, worst] = [error, output];
  }
  return { error: most, failure: most <= tolerance ? null : `(${worst}) is off by ${most.toExponential(1)}` };
}

/** Largest difference between values, relative to the largest expected value (at least `floor`). */
function relativeError(got: Float32Array, expected: Float64Array, floor: number): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY;
  let [error, scale] = [0, floor];
  expected.forEach((value, i) => {
    const difference = Math.abs(got[i]! - value);
    if (!(difference <= error)) error = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
    scale = Math.max(scale, Math.abs(value));
  });
  return error / scale;
}

function withGradients(graph: Graph): Graph {
  const y = graph.outputs['y']!;
  const gradients = gradient(reshape(sum(multiply(y, y)), []), [...graph.inputs]);
  return createGraph(graph.name, {
    y,
    ...Object.fromEntries(gradients.flatMap((g, i) => (g === null ? [] : [[`gradient ${i}`, g]]))),
  });
}
