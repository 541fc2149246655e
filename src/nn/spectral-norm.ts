import { sizeOf } from '../base/shapes.js';
import type { Node } from '../engine/graph.js';
import {
  detach,
  divide,
  matmul,
  maximum,
  multiply,
  reshape,
  scalar,
  sqrt,
  sum,
} from '../engine/operations.js';
import type { Mode } from './batch-norm.js';
import type { ParameterSpec } from './parameters.js';

/** Below this a vector has no direction. */
const smallestLength = 1e-12;

/** A kernel over its largest singular value. */
export interface SpectralNormResult {
  /** W / σ, of the kernel's shape. */
  readonly weight: Node;
  /** Estimate of the largest singular value, a number []. */
  readonly sigma: Node;
  /** The vector u [O] for the next time. */
  readonly direction: Node;
}

/** The vector `<name>.weight_u` [O] of a kernel `<name>.weight` [O,…]: any start will do, of whatever length. */
export function spectralNormSpec({ name, shape }: ParameterSpec): ParameterSpec {
  const initialiser = { kind: 'normal', mean: 0, deviation: 1 } as const;
  return { name: `${name}_u`, shape: [shape[0]!], role: 'buffer', initialiser };
}

/**
 * Spectral normalisation: W / σ, σ = uᵀWv, where W is the kernel [O,C,K,K] as a matrix [O, C·K·K] and u, v come from one step
 * of the power iteration, v = Wᵀu / ‖Wᵀu‖, then in training u = Wv / ‖Wv‖. In evaluation u stays as it is. Gradients pass
 * through σ, with u and v fixed: ∂σ/∂W = u vᵀ.
 *
 * @param direction u [O] as it was left the last time
 * @source Miyato et al., Spectral Normalization for Generative Adversarial Networks, ICLR 2018, algorithm 1 and eq. 12.
 */
export function spectralNorm(weight: Node, direction: Node, mode: Mode): SpectralNormResult {
  const rows = weight.shape[0]!;
  const columns = sizeOf(weight.shape) / rows;
  // [O,C,K,K] → [O,C·K·K]
  const matrix = reshape(weight, [rows, columns]);
  // [1,O]·[O,C·K·K] → [1,C·K·K] → [C·K·K,1]
  const right = reshape(unit(matmul(reshape(direction, [1, rows]), matrix)), [columns, 1]);
  // [O,C·K·K]·[C·K·K,1] → [O,1]
  const image = matmul(matrix, detach(right));
  const left = mode === 'training' ? unit(image) : unit(reshape(direction, [rows, 1]));
  const sigma = reshape(sum(multiply(detach(left), image)), []);
  return {
    weight: divide(weight, sigma),
    sigma,
    direction: mode === 'training' ? reshape(detach(left), [rows]) : direction,
  };
}

/** x / ‖x‖₂ */
function unit(x: Node): Node {
  return divide(x, maximum(sqrt(sum(multiply(x, x))), scalar(smallestLength)));
}
