import { z } from 'zod';
import type { PreparedPatient } from '../datasets/prepared-patient.node.js';
import { regionOf } from '../datasets/region-mask.js';
import { type Tensors, tensor } from '../engine/graph/tensor.js';
import type { Runtime } from '../engine/runtime/runtime.js';
import { dice } from '../metrics/dice.js';
import { missingValue, type SegmenterConfiguration } from '../model/segmenter-network.js';
import type { Validation, Validator } from '../training/method.js';
import { type SegmentationConfiguration, segmenterOf } from './segmenter-configuration.js';
import { segmenterPass } from './segmenter-update.js';

/** What a validation says: Dice of each region, the mean over patients, and the mean of these. */
export const segmentationScoreSchema = z.object({
  dice: z.number(),
  regions: z.record(z.string(), z.number()),
});

/** See {@link segmentationScoreSchema}. */
export type SegmentationScore = Readonly<z.infer<typeof segmentationScoreSchema>>;

/** Slices of a held-out patient. */
export interface ValidationPatient {
  readonly id: string;
  /** [n, M, S, S] in [−1, 1]. */
  readonly image: Float32Array;
  /** Bit i in the i-th region, [n, S, S]. */
  readonly regions: Uint8Array;
  readonly count: number;
}

/** How a segmenter is scored while it trains; where nobody is held out, the last state counts. */
export function segmentationValidation(
  configuration: SegmentationConfiguration,
): Validation<SegmentationScore, ValidationPatient> {
  const {
    schedule: { batchSize },
    data: { minimumBrainFraction },
  } = configuration;
  const model = segmenterOf(configuration);
  return {
    scoreSchema: segmentationScoreSchema,
    figuresSchema: segmentationScoreSchema.pick({ dice: true }),
    merit: ({ dice: mean }) => mean,
    describe: ({ dice: mean, regions }) => {
      const each = Object.entries(regions).map(([name, value]) => `${name} ${value.toFixed(3)}`);
      return `dice ${mean.toFixed(3)} (${each.join(', ')})`;
    },
    scalars: ({ dice: mean, regions }) => ({
      'validation/dice': mean,
      ...Object.fromEntries(Object.entries(regions).map(([name, value]) => [`dice/${name}`, value])),
    }),
    details: ({ dice: mean, regions }) => ({
      head: ['region', 'Dice ↑'],
      rows: [...Object.entries(regions), ['mean', mean] as const].map(([name, value]) => [
        name,
        value.toFixed(3),
      ]),
    }),
    charts: [
      {
        title: 'Dice of held-out slices, mean over regions',
        label: 'Dice',
        caption: 'Overlap with the true regions on held-out patients; higher is better.',
        value: ({ dice: mean }) => mean,
      },
    ],
    choose: (patient, most) => validationPatient(patient, model, most, minimumBrainFraction),
    open: async (runtime, held) =>
      held.length === 0 ? null : createSegmentationValidator(runtime, model, batchSize, held),
  };
}

/**
 * Chooses slices of a held-out patient, evenly spaced through the brain.
 *
 * @param most how many
 */
function validationPatient(
  patient: PreparedPatient,
  { modalities }: SegmenterConfiguration,
  most: number,
  minimumBrainFraction: number,
): ValidationPatient {
  const pixels = patient.side ** 2;
  const brainOf = (k: number): number =>
    Math.max(
      ...Object.values(patient.modalities).map(({ brain }) =>
        brain.subarray(k * pixels, (k + 1) * pixels).reduce((sum, one) => sum + one, 0),
      ),
    );
  const usable = Array.from({ length: patient.count }, (_, k) => k).filter(
    (k) => brainOf(k) >= minimumBrainFraction * pixels,
  );
  const count = Math.min(most, usable.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => usable[Math.floor(((i + 0.5) * usable.length) / count)]!,
  );
  const image = new Float32Array(count * modalities.length * pixels).fill(missingValue);
  const regions = new Uint8Array(count * pixels);
  chosen.forEach((k, n) => {
    const cut = <T extends Float32Array | Uint8Array>(data: T): T =>
      data.subarray(k * pixels, (k + 1) * pixels) as T;
    modalities.forEach((name, m) => {
      const volume = patient.modalities[name];
      if (volume) image.set(cut(volume.slices), (n * modalities.length + m) * pixels);
    });
    if (patient.regions) regions.set(cut(patient.regions), n * pixels);
  });
  return { id: patient.id, image, regions, count };
}

/** A held-out patient who has one modality alone, by its place in the network's order. */
export function withModalityAlone(
  patient: ValidationPatient,
  modality: number,
  { modalities, sliceSide }: SegmenterConfiguration,
): ValidationPatient {
  const pixels = sliceSide ** 2;
  const image = new Float32Array(patient.image.length).fill(missingValue);
  for (let n = 0; n < patient.count; n++) {
    const start = (n * modalities.length + modality) * pixels;
    image.set(patient.image.subarray(start, start + pixels), start);
  }
  return { ...patient, image };
}

/** Compiles the network for validation. */
export async function createSegmentationValidator(
  runtime: Runtime,
  model: SegmenterConfiguration,
  batchSize: number,
  patients: readonly ValidationPatient[],
): Promise<Validator<SegmentationScore>> {
  const program = await runtime.compile(segmenterPass(model, batchSize));
  const { modalities, regions, sliceSide } = model;
  const pixels = sliceSide ** 2;
  const find = async (network: Tensors, { image, count }: ValidationPatient): Promise<Uint8Array[]> => {
    const found = regions.map(() => new Uint8Array(count * pixels));
    const stride = modalities.length * pixels;
    for (let start = 0; start < count; start += batchSize) {
      // The last batch is filled up with background.
      const batch = new Float32Array(batchSize * stride).fill(missingValue);
      batch.set(image.subarray(start * stride, Math.min(count, start + batchSize) * stride));
      const { probabilities } = await program.run({
        ...network,
        image: tensor(batch, [batchSize, modalities.length, sliceSide, sliceSide]),
      });
      for (let n = 0; n < batchSize && start + n < count; n++)
        regions.forEach((_, r) => {
          const from = (n * regions.length + r) * pixels;
          for (let p = 0; p < pixels; p++)
            found[r]![(start + n) * pixels + p] = probabilities!.data[from + p]! >= 0.5 ? 1 : 0;
        });
    }
    return found;
  };
  return {
    score: async (network) => {
      const sums = regions.map(() => 0);
      for (const patient of patients) {
        const found = await find(network, patient);
        regions.forEach((_, r) => {
          sums[r]! += dice(found[r]!, regionOf(patient.regions, r));
        });
      }
      const means = sums.map((sum) => sum / patients.length);
      const score = {
        dice: means.reduce((sum, one) => sum + one, 0) / means.length,
        regions: Object.fromEntries(regions.map((name, r) => [name, means[r]!])),
      };
      return { score, samples: null };
    },
    close: program.close,
  };
}
