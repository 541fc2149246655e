import { describe, expect, it } from 'vitest';
import { checkDifferences, numberOf } from '../../test/fixtures/central-differences.js';
import { createRandom } from '../base/random.js';
import { createGraph } from '../engine/graph.js';
import { input, multiply, reshape, sum } from '../engine/operations.js';
import { evaluateReference } from '../engine/reference.js';
import { type Tensor, type Tensors, tensor } from '../engine/tensor.js';
import { spectralNorm, spectralNormSpec } from './spectral-norm.js';

const weight = input('weight', [2, 1, 2, 2], 'parameter');
const direction = input('u', [2], 'parameter');
const training = spectralNorm(weight, direction, 'training');
const evaluation = spectralNorm(weight, direction, 'evaluation');

/** Rows (1,2,0,2) and (2,0,1,−2): WWᵀ = [9 −2; −2 9] with eigenvalues 11 and 7. */
const kernel = tensor([1, 2, 0, 2, 2, 0, 1, -2], weight.shape);
const exact = Math.sqrt(11);

function values(result: typeof training, given: Tensors) {
  return evaluateReference(
    createGraph('norm', { weight: result.weight, sigma: result.sigma, direction: result.direction }),
    given,
  );
}

function turned(steps: number): Tensor {
  let u = tensor([0.3, 1.7], [2]);
  for (let i = 0; i < steps; i++)
    u = tensor(Array.from(values(training, { weight: kernel, u })['direction']!), [2]);
  return u;
}

describe('spectralNorm', () => {
  it('divides a kernel by the largest singular value of its matrix [O, C·K·K]', () => {
    const { sigma, weight: normalised } = values(training, { weight: kernel, u: turned(60) });
    expect(sigma![0]).toBeCloseTo(exact, 6);
    kernel.data.forEach((value, i) => {
      expect(normalised![i]).toBeCloseTo(value / exact, 6);
    });
  });

  it('takes one step of the power iteration at a time', () => {
    // v = Wᵀu / ‖Wᵀu‖ = (1,2,0,2)/3 for u = (1,0), then Wv = (9,−2)/3: σ = √85/3.
    const first = values(training, { weight: kernel, u: tensor([1, 0], [2]) });
    expect(first['sigma']![0]).toBeCloseTo(Math.sqrt(85) / 3, 6);
    expect(first['direction']![0]).toBeCloseTo(9 / Math.sqrt(85), 6);
    expect(first['direction']![1]).toBeCloseTo(-2 / Math.sqrt(85), 6);
    // The length of the start does not count.
    const longer = values(training, { weight: kernel, u: tensor([7, 0], [2]) });
    expect(longer['sigma']![0]).toBeCloseTo(Math.sqrt(85) / 3, 6);
  });

  it('is never above the largest singular value, and comes nearer with each step', () => {
    const estimates = [0, 1, 2, 4, 8].map(
      (steps) => values(training, { weight: kernel, u: turned(steps) })['sigma']![0]!,
    );
    for (const [i, estimate] of estimates.entries()) {
      expect(estimate).toBeLessThan(exact + 1e-6);
      if (i > 0) expect(estimate).toBeGreaterThan(estimates[i - 1]!);
    }
  });

  it('leaves the vector as it is in evaluation', () => {
    // σ = ‖Wᵀu‖ = 3 for u = (1,0).
    const used = values(evaluation, { weight: kernel, u: tensor([1, 0], [2]) });
    expect(used['sigma']![0]).toBeCloseTo(3, 6);
    expect(Array.from(used['direction']!)).toEqual([1, 0]);
  });

  it.each([
    ['training', training],
    ['evaluation', evaluation],
  ] as const)('has the gradient of W / uᵀWv with u and v fixed, in %s', (_, result) => {
    // At a singular vector, moving the kernel turns u and v without changing σ to first order: differences agree.
    const random = createRandom('probe');
    const probe = tensor(
      Float32Array.from({ length: 8 }, () => 2 * random.uniform() - 1),
      weight.shape,
    );
    const loss = reshape(sum(multiply(result.weight, input('probe', weight.shape))), []);
    const given = { weight: kernel, u: turned(60), probe };
    checkDifferences(loss, weight, given);
    // Through σ: the gradient along the kernel itself is 0, since W / σ does not change with the kernel's length.
    const scaled = {
      ...given,
      weight: tensor(
        kernel.data.map((value) => 3 * value),
        weight.shape,
      ),
    };
    expect(numberOf(loss, scaled)).toBeCloseTo(numberOf(loss, given), 6);
  });

  it('keeps a vector of one number for each output', () => {
    expect(
      spectralNormSpec({
        name: 'main.0.weight',
        shape: [8, 4, 4, 4],
        role: 'weight',
        initialiser: { kind: 'constant', value: 0 },
      }),
    ).toMatchObject({ name: 'main.0.weight_u', shape: [8], role: 'buffer' });
  });
});
