import type { Node } from '../engine/graph/graph.js';
import { clamp, multiply, scale, shift } from '../engine/graph/operations.js';

/** norm(mask · denorm(image)): the tumour in its slice, background −1. All [N,1,S,S]. */
export function cutTumour(image: Node, mask: Node): Node {
  const intensity = clamp(scale(shift(image, 1), 0.5), 0, 1);
  return clamp(shift(scale(multiply(mask, intensity), 2), -1), -1, 1);
}
