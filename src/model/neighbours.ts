import type { Node } from '../engine/graph/graph.js';
import { concat, input } from '../engine/graph/operations.js';
import type { GeneratorConfiguration } from './configuration.js';

/** Planes that the image encoder sees beside a slice: those of as many slices below as above. */
export function neighbourPlanes({
  contextSlices: neighbours = 0,
}: Pick<GeneratorConfiguration, 'contextSlices'>): number {
  return 2 * neighbours;
}

/** The input `neighbours` [N,2k,S,S] of a program; null for a network that is given none. */
export function neighbourInput(
  configuration: Pick<GeneratorConfiguration, 'contextSlices' | 'sliceSide'>,
  batchSize: number,
): Node | null {
  const { sliceSide } = configuration;
  const planes = neighbourPlanes(configuration);
  return planes === 0 ? null : input('neighbours', [batchSize, planes, sliceSide, sliceSide]);
}

/** Each slice [N,1,S,S] in the place of its neighbours, where nobody knows these: [N,2k,S,S], or null for a network without. */
export function itselfAround(
  configuration: Pick<GeneratorConfiguration, 'contextSlices'>,
  image: Node,
): Node | null {
  const planes = neighbourPlanes(configuration);
  return planes === 0
    ? null
    : concat(
        Array.from({ length: planes }, () => image),
        1,
      );
}
