import type { Node } from '../engine/graph/graph.js';
import { concat, input } from '../engine/graph/operations.js';
import type { GeneratorConfiguration } from './network-configuration.js';

/** The input of programs and model files that holds the context slices, by the name it has had since version 0.1.0. */
export const contextInputName = 'neighbours';

/** Planes that the image encoder sees beside a slice: those of as many slices below as above. */
export function contextPlanes({ contextSlices = 0 }: Pick<GeneratorConfiguration, 'contextSlices'>): number {
  return 2 * contextSlices;
}

/** The input {@link contextInputName} [N,2k,S,S] of a program; null for a network that is given none. */
export function contextInput(
  configuration: Pick<GeneratorConfiguration, 'contextSlices' | 'sliceSide'>,
  batchSize: number,
): Node | null {
  const { sliceSide } = configuration;
  const planes = contextPlanes(configuration);
  return planes === 0 ? null : input(contextInputName, [batchSize, planes, sliceSide, sliceSide]);
}

/** Each slice [N,1,S,S] in the place of its context slices, where nobody knows these: [N,2k,S,S], or null for a network without. */
export function itselfAround(
  configuration: Pick<GeneratorConfiguration, 'contextSlices'>,
  image: Node,
): Node | null {
  const planes = contextPlanes(configuration);
  return planes === 0
    ? null
    : concat(
        Array.from({ length: planes }, () => image),
        1,
      );
}
