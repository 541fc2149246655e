import { EigenvalueDecomposition, Matrix, SingularValueDecomposition } from 'ml-matrix';
import { type FeatureMatrix, requireFeatures, rowProducts } from './feature-matrix.js';

/**
 * Fréchet distance (as in FID) of two sets of features, each taken for a Gaussian:
 * `|μ1 − μ2|² + tr S1 + tr S2 − 2 tr (S1 S2)^½`; 0 for equal sets, no upper bound, features' unit squared.
 *
 * S are sample covariances (divided by N − 1). With S = FᵀF, the last trace is the sum of the singular values of
 * F1 F2ᵀ; F holds the centred images where these are fewer than the features, else comes from the eigenvalues of S.
 * So neither needs covariances of full rank, nor a matrix root that fails on others.
 *
 * Biased upwards for few images, and differently so for different N: compare equal numbers, and prefer
 * {@link kernelDistance} below some thousands. Takes minutes for more images than features at D = 2048.
 *
 * @param first [N, D], N at least 2
 * @param second [M, D], M at least 2
 * @throws UtadError bad-shape or bad-value.
 * @source Heusel et al. 2017, equation 6; Dowson and Landau 1982.
 */
export function frechetDistance(first: FeatureMatrix, second: FeatureMatrix): number {
  requireFeatures('Fréchet distance', first, second);
  const dimensions = first.dimensions;
  const [a, b] = [centre(first), centre(second)];
  const meansApart = a.mean.reduce((sum, value, d) => sum + (value - b.mean[d]!) ** 2, 0);
  const [f1, f2] = [factor(a.centred, dimensions), factor(b.centred, dimensions)];
  const traces = sumOfSquares(f1) + sumOfSquares(f2);
  const products = toMatrix(rowProducts(f1, f2, dimensions), f2.length / dimensions);
  const roots = new SingularValueDecomposition(products, {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  }).diagonal;
  const rootTrace = roots.reduce((sum, root) => sum + root, 0);
  // Rounding may leave equal sets a hair below 0.
  return Math.max(0, meansApart + traces - 2 * rootTrace);
}

/** Mean [D] and deviations from it, divided by √(N − 1), [N, D]: these times their transpose are the covariance. */
function centre({ data, samples, dimensions }: FeatureMatrix) {
  const mean = new Float64Array(dimensions);
  for (let i = 0; i < data.length; i++) mean[i % dimensions]! += data[i]! / samples;
  const scale = 1 / Math.sqrt(samples - 1);
  const centred = new Float64Array(data).map((value, i) => (value - mean[i % dimensions]!) * scale);
  return { mean, centred };
}

/** F with FᵀF = covariance, of D rows at most: the deviations themselves, or √Λ Vᵀ of the covariance V Λ Vᵀ. */
function factor(centred: Float64Array, dimensions: number): Float64Array {
  const samples = centred.length / dimensions;
  if (samples <= dimensions) return centred;
  // [D, N], so that covariances are products of rows.
  const byFeature = centred.map((_, i) => centred[(i % samples) * dimensions + Math.floor(i / samples)]!);
  const covariance = toMatrix(rowProducts(byFeature, byFeature, samples), dimensions);
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(covariance, {
    assumeSymmetric: true,
  });
  const out = new Float64Array(dimensions * dimensions);
  realEigenvalues.forEach((value, i) => {
    const root = Math.sqrt(Math.max(0, value));
    for (let d = 0; d < dimensions; d++) out[i * dimensions + d] = root * eigenvectorMatrix.get(d, i);
  });
  return out;
}

function toMatrix(values: Float64Array, columns: number): Matrix {
  return Matrix.from1DArray(values.length / columns, columns, values);
}

function sumOfSquares(values: Float64Array): number {
  return values.reduce((sum, value) => sum + value * value, 0);
}
