import { readConfiguration } from '../base/read-configuration.js';
import { segmenterSpecs } from '../model/segmenter-network.js';
import { labelsFor } from '../segmentation/label-map.js';
import { type SegmenterMetadata, segmenterFormatVersion } from '../segmentation/segmenter-metadata.js';
import { writeSegmenter } from '../segmentation/write-segmenter.js';
import { lossColumns } from '../training/loss-table.js';
import type { Method, ModelFacts } from '../training/method.js';
import { initialNetworks } from '../training/networks.js';
import { networkInUse } from '../training/state.js';
import { openSegmenterBatches } from './segmenter-batches.js';
import {
  type SegmentationConfiguration,
  segmentationConfigurationSchema,
  segmenterOf,
} from './segmenter-configuration.js';
import { segmentationLosses, segmenterPass, segmenterUpdate } from './segmenter-update.js';
import {
  createSegmentationValidator,
  type SegmentationScore,
  segmentationValidation,
  type ValidationPatient,
  withModalityAlone,
} from './segmenter-validation.js';

/** A way to train a network that finds tumour regions. The network is called S. */
interface SegmenterMethod extends Method<SegmentationScore, ValidationPatient> {
  readonly configuration: SegmentationConfiguration;
}

/** A U-Net that finds regions in whichever of its modalities a patient has. */
export function segmenterMethod(configuration: SegmentationConfiguration): SegmenterMethod {
  const model = segmenterOf(configuration);
  const {
    model: { modalities, regions },
    data: { minimumBrainFraction },
    losses: lossWeights,
    schedule: { batchSize },
    optimiser: { beta1, beta2 },
  } = configuration;
  const networks = { S: segmenterSpecs(model) };
  const setup = { model, batchSize, weights: lossWeights, adam: { beta1, beta2 } };
  return {
    name: 'segmenter',
    configuration,
    readConfiguration: (stored, where) => readConfiguration(segmentationConfigurationSchema, stored, where),
    networks,
    frozen: {},
    output: 'S',
    averageDecay: 0,
    losses: lossColumns('segmenter', segmentationLosses(lossWeights)),
    start: async () => initialNetworks(networks, configuration.seed, () => 'segmenter'),
    updates: () => [{ label: 'segmenter', graph: () => segmenterUpdate(setup), every: 1, rateFactor: 1 }],
    joinsUpdates: false,
    slices: { modalities, regions, minimumBrainFraction, contextSlices: 0 },
    openBatches: (store) => openSegmenterBatches(store, configuration),
    inference: (size) => segmenterPass(model, size),
    validation: segmentationValidation(configuration),
    writeModel: async (state, facts) => {
      const { recipe, store, trainingCases, validationCases, validation, codeVersion, created } = facts;
      const network = networkInUse('S', state.tensors);
      const { name, labels } = labelsFor(regions);
      return writeSegmenter(network, {
        formatVersion: segmenterFormatVersion,
        model,
        recipe,
        labels: { ...labels },
        labelConvention: name,
        training: {
          iterations: state.iteration,
          trainingCases: [...trainingCases],
          validationCases: [...validationCases],
          dataFingerprint: store.fingerprint,
          modalityDropout: configuration.data.modalityDropout,
          validation,
          alone: await scoresAlone(configuration, network, facts),
        },
        codeVersion,
        created,
      });
    },
  };
}

/** How well the regions are found on each modality alone; null where nobody is held out. */
async function scoresAlone(
  configuration: SegmentationConfiguration,
  network: Parameters<typeof writeSegmenter>[0],
  { held, runtime }: ModelFacts<SegmentationScore, ValidationPatient>,
): Promise<NonNullable<SegmenterMetadata['training']['alone']> | null> {
  if (held.length === 0) return null;
  const model = segmenterOf(configuration);
  const scores: Record<string, Record<string, number>> = {};
  for (const [m, name] of model.modalities.entries()) {
    const patients = held.map((patient) => withModalityAlone(patient, m, model));
    const validator = await createSegmentationValidator(
      runtime,
      model,
      configuration.schedule.batchSize,
      patients,
    );
    try {
      scores[name] = { ...(await validator.score(network)).score.regions };
    } finally {
      await validator.close();
    }
  }
  return scores;
}
