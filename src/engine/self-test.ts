import { gradient } from './gradient.js';
import { createGraph, type Graph } from './graph.js';
import { operationCases } from './operation-cases.js';
import { multiply, reshape, sum } from './operations.js';
import { evaluateReference } from './reference.js';
import type { Runtime } from './runtime.js';

/** Largest difference from the reference that a backend may show, relative to the largest value (at least 1). */
export const parityTolerance = 1e-3;

/** What a backend's self-test found. */
export interface SelfTestResult {
  readonly passed: boolean;
  readonly maxError: number;
  /** The first case that is wrong or does not run, with the reason; null when all is well. */
  readonly failure: string | null;
}

/**
 * Computes every operation and its gradient on a backend and compares with the reference evaluator.
 *
 * Backends have been wrong in silence (first convolutions with more than 3 channels, strided ones): none is used
 * before it has passed.
 */
export async function selfTest(runtime: Runtime): Promise<SelfTestResult> {
  let maxError = 0;
  for (const { graph: forward, inputs } of operationCases()) {
    const graph = withGradients(forward);
    const expected = evaluateReference(graph, inputs);
    try {
      const program = await runtime.compile(graph);
      const got = await program.run(inputs);
      await program.close();
      for (const [name, values] of Object.entries(expected)) {
        const error = relativeError(got[name]!.data, values);
        if (!(error <= parityTolerance)) {
          return {
            passed: false,
            maxError: error,
            failure: `${graph.name} (${name}) is off by ${error.toExponential(1)}`,
          };
        }
        maxError = Math.max(maxError, error);
      }
    } catch (error) {
      return {
        passed: false,
        maxError,
        failure: `${graph.name} does not run: ${error instanceof Error ? error.message : error}`,
      };
    }
  }
  return { passed: true, maxError, failure: null };
}

function withGradients(graph: Graph): Graph {
  const y = graph.outputs['y']!;
  const gradients = gradient(reshape(sum(multiply(y, y)), []), [...graph.inputs]);
  return createGraph(graph.name, {
    y,
    ...Object.fromEntries(gradients.flatMap((g, i) => (g === null ? [] : [[`gradient ${i}`, g]]))),
  });
}

function relativeError(got: Float32Array, expected: Float64Array): number {
  let [error, scale] = [0, 1];
  expected.forEach((value, i) => {
    const difference = Math.abs(got[i]! - value);
    if (!(difference <= error)) error = difference;
    scale = Math.max(scale, Math.abs(value));
  });
  return error / scale;
}
