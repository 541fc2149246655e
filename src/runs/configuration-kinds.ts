import type { z } from 'zod';
import { segmentationConfigurationSchema, segmentationPresets } from '../methods/segmenter-configuration.js';
import { presets } from '../training/presets.js';
import { trainingConfigurationSchema } from '../training/training-configuration.js';

/** A kind of training that has a configuration. */
export interface ConfigurationKind {
  readonly title: string;
  /** The command that takes it. */
  readonly command: string;
  readonly schema: z.ZodObject;
  readonly presets: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** All kinds of training. */
export const configurationKinds = {
  training: {
    title: 'Translation',
    command: 'utad train',
    schema: trainingConfigurationSchema,
    presets,
  },
  segmenter: {
    title: 'Segmentation',
    command: 'utad segment train',
    schema: segmentationConfigurationSchema,
    presets: segmentationPresets,
  },
} as const satisfies Record<string, ConfigurationKind>;
