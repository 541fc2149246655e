import { Matrix, solve } from 'ml-matrix';
import { type FusionTable, fusionBins } from '../translate/fusion.js';
import type { FusionMoments } from './fusion-moments.js';

/** How much of a patient's voxels the errors over all bins count as in each bin: rare bins lean on all. */
const pull = 0.02;
/** Keeps sources that make the same errors from sharing out huge weights of opposite sign. */
const ridge = 0.01;

/**
 * Learns the weights of every target and set of sources from the errors of some patients:
 * `w_b = C_b⁻¹ 1 / (1ᵀ C_b⁻¹ 1)`, the combination with the least mean squared error among those whose weights sum to 1,
 * a patient's common offset left aside.
 *
 * C_b holds the mean products of the sources' errors where the mean of the translations falls into bin b, drawn towards
 * that of all bins: `C_b = (Σ_p P_pb + κ n C) / (Σ_p share_pb + κ n)`, κ 0.02, n patients, and 1 % of the mean variance
 * added to the diagonal. A weight may be below 0: where two sources err alike, and one of them more, their difference
 * tells in which direction.
 *
 * @param patients one list a patient
 * @source Bates and Granger 1969; Aitken 1936 (generalised least squares).
 */
export function learnFusion(patients: readonly (readonly FusionMoments[])[]): FusionTable[] {
  const sets = new Map<string, FusionMoments[]>();
  for (const one of patients.flat()) {
    const key = JSON.stringify([one.target, one.sources]);
    sets.set(key, [...(sets.get(key) ?? []), one]);
  }
  return [...sets.values()].map((own) => {
    const { target, sources } = own[0]!;
    return { target, sources: [...sources], patients: own.length, weights: weightsOf(own, sources.length) };
  });
}

function weightsOf(own: readonly FusionMoments[], n: number): number[][] {
  const products = (bin: number, a: number, b: number): number =>
    own.reduce((sum, one) => sum + one.products[(bin * n + a) * n + b]!, 0);
  const share = (bin: number): number => own.reduce((sum, one) => sum + one.shares[bin]!, 0);
  const bins = Array.from({ length: fusionBins }, (_, bin) => bin);
  const overall = (a: number, b: number): number =>
    bins.reduce((sum, bin) => sum + products(bin, a, b), 0) / own.length;
  const prior = pull * own.length;
  return bins.map((bin) => {
    const errors = Matrix.zeros(n, n);
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++)
        errors.set(a, b, (products(bin, a, b) + prior * overall(a, b)) / (share(bin) + prior));
    }
    const more = (ridge * errors.trace()) / n + 1e-9;
    for (let a = 0; a < n; a++) errors.set(a, a, errors.get(a, a) + more);
    const raw = solve(errors, Matrix.ones(n, 1)).to1DArray();
    const total = raw.reduce((sum, value) => sum + value, 0);
    return raw.map((value) => value / total);
  });
}
