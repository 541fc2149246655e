import type { FeatureExtractor, FeatureLayer } from './feature-extractor.js';

/** All that decides the built-in features; its hash names them. */
const definition = {
  name: 'gaussian-derivatives',
  version: 1,
  /** Pixels of the slice. */
  sigmas: [1, 2, 4],
  /** Orders along rows and columns; each response is multiplied by sigma to the order. */
  derivatives: [
    [0, 0],
    [0, 1],
    [1, 0],
    [0, 2],
    [1, 1],
    [2, 0],
  ],
  truncate: 4,
  pooled: 'ln((energy + floor) / unit) of the mean absolute and the root mean square response over the slice',
  floor: 0.001,
  unit: 0.03,
} as const;

/**
 * The built-in extractor: Gaussian derivatives up to the second order at three scales, fixed filters that nothing was
 * learnt for. They know edges, blobs, brightness and their scale, and so blur and texture; they know no anatomy.
 *
 * A network that was trained for something would score what it was trained for; the model's own encoder or
 * critic would score what it has learnt to prefer. These filters have learnt nothing.
 *
 * @source Koenderink and van Doorn 1987 (local jet); Lindeberg 1998 (scale-normalised derivatives).
 */
export async function gaussianDerivatives(): Promise<FeatureExtractor> {
  const { name, version, sigmas, derivatives, floor, unit } = definition;
  const channels = derivatives.length;
  return {
    description: {
      name: `${name} ${version} (built in)`,
      sha256: await hashOf(JSON.stringify(definition)),
      input: 'slices on [0, 1] at their own size, one channel',
      features: `logarithms of ${2 * channels * sigmas.length} response energies: sigma ${sigmas.join(', ')} pixels, derivatives of order 0 to 2`,
      layers: `the ${channels} responses at each of ${sigmas.length} scales, without learnt weights`,
      dimensions: 2 * channels * sigmas.length,
      caution:
        'Fixed filters: they see blur, contrast and texture, no anatomy and no tumour. Not to be compared with published FID, KID or LPIPS.',
    },
    extract: async (slice, side) => {
      const layers = sigmas.map((sigma) => respond(slice, side, sigma));
      const pooled = new Float32Array(2 * channels * sigmas.length);
      layers.forEach(({ data }, scale) => {
        for (let c = 0; c < channels; c++) {
          const { absolute, square } = energies(data.subarray(c * side * side, (c + 1) * side * side));
          const at = 2 * (scale * channels + c);
          pooled[at] = Math.log((absolute + floor) / unit);
          pooled[at + 1] = Math.log((square + floor) / unit);
        }
      });
      return { pooled, layers };
    },
  };
}

/** Responses of one scale, [6, S·S]; beyond the edge is background, 0. */
function respond(slice: Float32Array, side: number, sigma: number): FeatureLayer {
  const kernels = [0, 1, 2].map((order) => derivativeKernel(sigma, order));
  const area = side * side;
  const data = new Float32Array(definition.derivatives.length * area);
  const across = kernels.map((kernel) => filterRows(slice, side, kernel));
  definition.derivatives.forEach(([alongRows, alongColumns], channel) => {
    // Columns are filtered as the rows of the transposed image.
    const turned = transpose(across[alongColumns]!, side);
    data.set(transpose(filterRows(turned, side, kernels[alongRows]!), side), channel * area);
  });
  return { channels: definition.derivatives.length, data };
}

/** Samples of σⁿ times the n-th derivative of a Gaussian, cut at four sigma. */
export function derivativeKernel(sigma: number, order: number): Float64Array {
  const radius = Math.ceil(definition.truncate * sigma);
  const raw = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp((-0.5 * (i - radius) ** 2) / sigma ** 2),
  );
  const total = raw.reduce((sum, value) => sum + value, 0);
  const kernel = raw.map((value, i) => {
    // For a correlation, the kernel is mirrored: its slope has the sign of x.
    const x = (i - radius) / sigma;
    return (value / total) * [1, x, x * x - 1][order]!;
  });
  // Samples of the second derivative do not sum to 0 by themselves, and brightness must not answer.
  const rest = order === 2 ? kernel.reduce((sum, value) => sum + value, 0) : 0;
  return kernel.map((value, i) => value - (rest * raw[i]!) / total);
}

function filterRows(image: Float32Array, side: number, kernel: Float64Array): Float32Array {
  const radius = (kernel.length - 1) / 2;
  const padded = new Float64Array(side + 2 * radius);
  const out = new Float32Array(image.length);
  for (let row = 0; row < side; row++) {
    for (let i = 0; i < side; i++) padded[radius + i] = image[row * side + i]!;
    for (let column = 0; column < side; column++) {
      let sum = 0;
      for (let i = 0; i < kernel.length; i++) sum += kernel[i]! * padded[column + i]!;
      out[row * side + column] = sum;
    }
  }
  return out;
}

function transpose(image: Float32Array, side: number): Float32Array {
  return image.map((_, i) => image[(i % side) * side + Math.floor(i / side)]!);
}

function energies(response: Float32Array): { readonly absolute: number; readonly square: number } {
  let [absolute, squares] = [0, 0];
  for (const value of response) {
    absolute += Math.abs(value);
    squares += value * value;
  }
  return { absolute: absolute / response.length, square: Math.sqrt(squares / response.length) };
}

async function hashOf(text: string): Promise<string> {
  const bytes = new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}
