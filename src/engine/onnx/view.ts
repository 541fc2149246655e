import { type Shape, sameShape } from '../../base/shapes.js';
import type { OnnxEmitter } from './emitter.js';

/** The same numbers in another shape: of a view its source again, so that there is one reshape at most. */
export function view(to: OnnxEmitter, x: string, from: Shape, shape: Shape): string {
  const { source, shape: own } = to.notes.views.get(x) ?? { source: x, shape: from };
  if (sameShape(own, shape)) return source;
  const made = to.emit('Reshape', [source, to.integers(shape)])[0]!;
  to.notes.views.set(made, { source, shape: own });
  return made;
}
