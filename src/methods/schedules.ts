import { noAugmentation } from '../slices/augmentation.js';
import { noMaskJitter } from '../slices/mask-jitter.js';
import type { TrainingConfiguration } from '../training/configuration.js';

/** What a schedule decides. */
export type ScheduleFields = Pick<
  TrainingConfiguration,
  | 'learningRate'
  | 'finalLearningRate'
  | 'decayFrom'
  | 'beta1'
  | 'beta2'
  | 'generatorEvery'
  | 'averageDecay'
  | 'mirror'
  | 'augmentation'
  | 'maskJitter'
> & { readonly criticRate?: number };

const plain = { averageDecay: 0, mirror: false, augmentation: noAugmentation, maskJitter: noMaskJitter };
const falling = { finalLearningRate: 1e-6, decayFrom: 0.5 };

/** Schedules as published. Falls to 0 end at 1e-6 here. */
export const publishedSchedules: Readonly<Record<'utad' | 'single' | 'cyclegan' | 'targan', ScheduleFields>> =
  {
    /** Huang, Wei, Li 2024, published script. */
    utad: { ...plain, ...falling, learningRate: 1e-4, beta1: 0.9, beta2: 0.999, generatorEvery: 5 },
    /** Choi et al. 2018, section 5: half of the training at a rate that falls to 0. */
    single: { ...plain, ...falling, learningRate: 1e-4, beta1: 0.5, beta2: 0.999, generatorEvery: 5 },
    /** Zhu et al. 2017, section 4. */
    cyclegan: { ...plain, ...falling, learningRate: 2e-4, beta1: 0.5, beta2: 0.999, generatorEvery: 1 },
    /** Chen, Wei, Li 2021. */
    targan: {
      ...plain,
      learningRate: 1e-4,
      criticRate: 3,
      finalLearningRate: 1e-4,
      decayFrom: 1,
      beta1: 0.5,
      beta2: 0.9,
      generatorEvery: 1,
      averageDecay: 0.999,
    },
  };
