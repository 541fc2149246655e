import type { Node } from '../engine/graph/graph.js';
import { add, input, scale } from '../engine/graph/operations.js';
import { nextPrefix } from './program-outputs.js';

/**
 * Moving average of everything that an update changes in a network, as outputs `next.average<prefix>.*`.
 *
 * @param next the update's outputs
 * @param decay share of the average that stays; 0 for no average
 * @source Yazıcı et al., The Unusual Effectiveness of Averaging in GAN Training, ICLR 2019.
 */
export function nextAverage(
  next: Readonly<Record<string, Node>>,
  decay: number,
  prefix = 'G',
): Record<string, Node> {
  if (decay === 0) return {};
  const begin = `${nextPrefix}${prefix}.`;
  const own = Object.entries(next).filter(([name]) => name.startsWith(begin));
  return Object.fromEntries(
    own.map(([name, node]) => {
      const averaged = `average${prefix}.${name.slice(begin.length)}`;
      const before = input(averaged, node.shape);
      return [`${nextPrefix}${averaged}`, add(scale(before, decay), scale(node, 1 - decay))];
    }),
  );
}
