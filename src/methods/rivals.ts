import type { TrainingConfiguration } from '../training/training-configuration.js';
import type { Pair } from './translation-batches.js';
import type { TranslatorMethod } from './translator.js';

/** A published way to train a translator, which `utad compare` compares with UTAD-Net. */
export interface Rival {
  /** Short name for tables. */
  readonly label: string;
  readonly what: string;
  /** Whether it learns one pair of modalities only, and is evaluated in its two directions. */
  readonly pairOnly?: boolean;
  readonly schedule: PublishedSchedule;
  /** Loads its networks and losses: the table alone is read for a list of names. */
  readonly load: () => Promise<RivalMethod>;
}

/**
 * Makes a method of a rival.
 *
 * @param criticRate learning rate of the critics by that of the generator
 * @throws UtadError bad-configuration where the configuration does not fit.
 */
type RivalMethod = (configuration: TrainingConfiguration, criticRate: number, pair: Pair) => TranslatorMethod;

/** Rates, update frequency and averaging as published. */
export interface PublishedSchedule {
  readonly optimiser: TrainingConfiguration['optimiser'];
  /** Critic updates for each update of the generator. */
  readonly generatorEvery: number;
  /** Learning rate of the critics by that of the generator; 1 when left out. */
  readonly criticRate?: number;
}

/** Half of the training at a rate that falls; what is published as a fall to 0 ends at 1e-6 here. */
const falling = {
  learningRate: 1e-4,
  warmUp: 0,
  finalLearningRate: 1e-6,
  decayFrom: 0.5,
  beta1: 0.5,
  beta2: 0.999,
  averageDecay: 0,
} as const;

/** UTAD-Net's own schedule. @source Huang, Wei, Li: UTAD-Net, IJCNN 2024, published script. */
export const utadSchedule: PublishedSchedule = { optimiser: { ...falling, beta1: 0.9 }, generatorEvery: 5 };

/** The table of rivals, in the order of the comparison's tables; the keys are those of `utad compare --methods`. */
export const rivals = {
  single: {
    label: 'single branch',
    what: 'one branch, no tumour branch, no masks (StarGAN with the same U-Net); also the ablation without local branch',
    // Choi et al. 2018, section 5.
    schedule: { optimiser: falling, generatorEvery: 5 },
    load: async () => (await import('./stargan.js')).starganMethod,
  },
  cyclegan: {
    label: 'CycleGAN',
    what: 'two translators of one pair of modalities, without masks; evaluated in its two directions only',
    pairOnly: true,
    // Zhu et al. 2017, section 4.
    schedule: { optimiser: { ...falling, learningRate: 2e-4 }, generatorEvery: 1 },
    load: async () => (await import('./cyclegan.js')).cycleganMethod,
  },
  targan: {
    label: 'TarGAN',
    what: 'a branch for the tumour around a shared middle, crossing loss and shape controller; masks in training only',
    // Chen, Wei, Li 2021.
    schedule: {
      optimiser: {
        learningRate: 1e-4,
        warmUp: 0,
        finalLearningRate: 1e-4,
        decayFrom: 1,
        beta1: 0.5,
        beta2: 0.9,
        averageDecay: 0.999,
      },
      generatorEvery: 1,
      criticRate: 3,
    },
    load: async () => (await import('./targan.js')).targanMethod,
  },
} as const satisfies Readonly<Record<string, Rival>>;

/** Key of a rival. */
export type RivalName = keyof typeof rivals;
