import { createGraph, type Graph, type Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import {
  type SegmenterConfiguration,
  segmenterSpecs,
  segmentLogits,
  sigmoid,
} from '../model/segmenter-network.js';
import { type AdamSettings, adamNodes, adamUpdate } from '../training/adam.js';
import { buildLosses, type Loss } from '../training/loss-table.js';
import { learntParameters, networkNodes } from '../training/networks.js';
import { termOutputs } from '../training/program-outputs.js';
import { binaryCrossEntropy, softDiceLoss } from '../training/segmentation-losses.js';

/** What an update has computed: logits of the regions and the true ones, [N,R,S,S]. */
interface Pass {
  readonly logits: Node;
  readonly truth: Node;
}

/** Name of a segmenter's loss. */
type SegmentationTerm = 'dice' | 'crossEntropy';

/** A segmenter's losses. */
export function segmentationLosses(weights: Readonly<Record<SegmentationTerm, number>>): Loss<Pass>[] {
  return [
    {
      name: 'dice',
      weight: weights.dice,
      title: 'overlap (dice)',
      build: ({ logits, truth }) => softDiceLoss(sigmoid(logits), truth),
    },
    {
      name: 'crossEntropy',
      weight: weights.crossEntropy,
      title: 'cross-entropy (crossEntropy)',
      build: ({ logits, truth }) => binaryCrossEntropy(logits, truth),
    },
  ];
}

/** What fixes a segmenter's update program. */
interface SegmenterUpdateSetup {
  readonly model: SegmenterConfiguration;
  readonly batchSize: number;
  readonly weights: Readonly<Record<SegmentationTerm, number>>;
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
  const { S } = networkNodes({ S: segmenterSpecs(model) });
  const logits = segmentLogits(model, S.parameters, image);
  const { terms, total } = buildLosses('losses', segmentationLosses(weights), { logits, truth });
  const parameters = learntParameters({ S });
  return createGraph('segmenter update', {
    ...adamUpdate(total, { label: 'segmenter', parameters, adam, factors: adamNodes() }),
    ...termOutputs({ ...terms, total }),
  });
}

/** The network in use, with its parameters given at run time: `image` to `probabilities` [N,R,S,S]. */
export function segmenterPass(model: SegmenterConfiguration, batchSize: number): Graph {
  const image = input('image', [batchSize, model.modalities.length, model.sliceSide, model.sliceSide]);
  const { S } = networkNodes({ S: segmenterSpecs(model) });
  return createGraph('segmenter pass', { probabilities: sigmoid(segmentLogits(model, S.parameters, image)) });
}
