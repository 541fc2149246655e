import { createGraph, type Graph } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import {
  learntSegmenterNames,
  type SegmenterConfiguration,
  segmenterInputs,
  segmenterPrefix,
  segmentLogits,
  sigmoid,
} from '../model/segmenter-network.js';
import { type AdamSettings, adamNodes } from '../training/adam.js';
import { learn } from '../training/learn.js';
import { termOutputs } from '../training/program-outputs.js';
import { binaryCrossEntropy, softDiceLoss } from '../training/segmentation-losses.js';
import { type Terms, weightedSum } from '../training/terms.js';

/** Terms of a segmenter's loss. */
export type SegmentationTerm = 'dice' | 'crossEntropy';

/** What fixes a segmenter's update program. */
export interface SegmenterUpdateSetup {
  readonly model: SegmenterConfiguration;
  readonly batchSize: number;
  readonly weights: Terms<SegmentationTerm, number>;
  readonly adam: AdamSettings;
}

/**
 * One update of a segmenter as one program: pass, Dice and cross-entropy, gradient, Adam.
 *
 * Inputs: `image` [N,M,S,S], `truth` [N,R,S,S], the network `S.*`, its moments, Adam's factors. Outputs: `next.*` for
 * network and moments, `term.*` for the losses.
 */
export function segmenterUpdate({ model, batchSize, weights, adam }: SegmenterUpdateSetup): Graph {
  const { modalities, regions, sliceSide } = model;
  const image = input('image', [batchSize, modalities.length, sliceSide, sliceSide]);
  const truth = input('truth', [batchSize, regions.length, sliceSide, sliceSide]);
  const parameters = segmenterInputs(model);
  const logits = segmentLogits(model, parameters, image);
  const terms = {
    dice: softDiceLoss(sigmoid(logits), truth),
    crossEntropy: binaryCrossEntropy(logits, truth),
  };
  const total = weightedSum(terms, weights);
  const names = learntSegmenterNames(model);
  return createGraph('segmenter update', {
    ...learn(total, {
      label: 'segmenter',
      parameters: Object.fromEntries(
        names.map((name) => [name, parameters[name.slice(segmenterPrefix.length)]!]),
      ),
      adam,
      factors: adamNodes(),
    }),
    ...termOutputs({ ...terms, total }),
  });
}

/** The network in use, with its parameters given at run time: `image` to `probabilities` [N,R,S,S]. */
export function segmenterPass(model: SegmenterConfiguration, batchSize: number): Graph {
  const image = input('image', [batchSize, model.modalities.length, model.sliceSide, model.sliceSide]);
  const logits = segmentLogits(model, segmenterInputs(model), image);
  return createGraph('segmenter pass', { probabilities: sigmoid(logits) });
}
