import type { Node } from '../engine/graph/graph.js';
import { input } from '../engine/graph/operations.js';
import type { GeneratorInput } from '../model/generator.js';
import { neighbourInput } from '../model/neighbours.js';
import type { UpdateSetup } from './update-setup.js';

/** A batch as graph inputs. */
export interface BatchNodes {
  /** [N,1,S,S] in [−1, 1] */
  readonly image: Node;
  /** [N,2k,S,S] in [−1, 1], as of the generator's input; null where the network is given none */
  readonly neighbours: Node | null;
  /** [N,1,S,S], 1 in the whole tumour */
  readonly mask: Node;
  /** one-hot [N,M] */
  readonly source: Node;
  /** one-hot [N,M] */
  readonly target: Node;
  /** [N,1,1,1], how much each slice counts in losses of the tumour; undefined where all of them do */
  readonly maskShare: Node | undefined;
}

/**
 * The inputs `image`, `mask`, `source` and `target` of an update, `neighbours` of a network that sees them, and
 * `maskShare` where some slices have no mask.
 */
export function batchNodes({
  model,
  batchSize,
  someUnmasked = false,
}: Pick<UpdateSetup, 'model' | 'batchSize' | 'someUnmasked'>): BatchNodes {
  const slices = [batchSize, 1, model.sliceSide, model.sliceSide];
  const oneHot = [batchSize, model.modalities.length];
  return {
    image: input('image', slices),
    neighbours: neighbourInput(model, batchSize),
    mask: input('mask', slices),
    source: input('source', oneHot),
    target: input('target', oneHot),
    maskShare: someUnmasked ? input('maskShare', [batchSize, 1, 1, 1]) : undefined,
  };
}

/** What the generator is given of a batch: slices and tumour images [N,1,S,S], or slices twice for a student. */
export function generatorInputs(
  { stage }: Pick<UpdateSetup, 'stage'>,
  batch: BatchNodes,
  tumour: Node,
): GeneratorInput {
  return { ...batch, tumour: stage === 'student' ? batch.image : tumour };
}
