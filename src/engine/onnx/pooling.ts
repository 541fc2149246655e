import type { OnnxEmitter, OnnxRule } from './emitter.js';

const block = { kernel_shape: { ints: [2, 2] }, strides: { ints: [2, 2] } };

/** The largest element of each 2×2 block. */
export const emitMaxPool: OnnxRule<'maxPool'> = (to, [x]) => pool(to, x!)[0]!;

/** The adjoint of the pooling: each value goes to the place of its block's first largest element. */
export const emitMaxUnpool: OnnxRule<'maxUnpool'> = (to, [g, x], { shape }) => {
  if (hasIndices(to))
    return to.emit('MaxUnpool', [g!, pool(to, x!)[1]!, to.integers(shape)], { ...block })[0]!;
  // The value is offered to the corners in turn; the first that holds the maximum takes it.
  const nothing = to.floats([0], []);
  let left = g!;
  const taken = holdsMaximum(to, x!).map((holds) => {
    const share = to.emit('Where', [holds, left, nothing])[0]!;
    left = to.emit('Sub', [left, share])[0]!;
    return share;
  });
  // [N,4C,H/2,W/2] → [N,C,H,W]
  const corners = to.emit('Concat', [...taken, left], { axis: { int: 1 } });
  return to.emit('DepthToSpace', corners, { blocksize: { int: 2 } })[0]!;
};

/** What stands in h at the place of each block's first largest element of x. */
export const emitMaxPick: OnnxRule<'maxPick'> = (to, [h, x]) => {
  if (hasIndices(to)) {
    // The pool's indices count through the whole tensor.
    const flat = to.emit('Reshape', [h!, to.integers([-1])])[0]!;
    return to.emit('Gather', [flat, pool(to, x!)[1]!], { axis: { int: 0 } })[0]!;
  }
  const values = corners(to, h!);
  return holdsMaximum(to, x!).reduceRight(
    (otherwise, holds, i) => to.emit('Where', [holds, values[i]!, otherwise])[0]!,
    values[3]!,
  );
};

/**
 * ONNX Runtime pools with indices and unpools on the CPU alone, in float32 alone. There this is faster; elsewhere
 * the block's corners are compared with its maximum, which gives the same bits.
 */
function hasIndices(to: OnnxEmitter): boolean {
  return to.operators === 'all' && to.precision === 'float32';
}

/** Asked for once with indices and once without, ONNX Runtime would pool twice. */
function pool(to: OnnxEmitter, x: string): readonly string[] {
  return to.emit('MaxPool', [x], block, { outputs: hasIndices(to) ? 2 : 1 });
}

/** Whether the first, second and third corner of each block hold its maximum; if none does, the fourth. */
function holdsMaximum(to: OnnxEmitter, x: string): string[] {
  const largest = pool(to, x)[0]!;
  return corners(to, x)
    .slice(0, 3)
    .map((corner) => to.emit('Equal', [corner, largest])[0]!);
}

/** The four corners of all 2×2 blocks, row by row, [N,C,H/2,W/2] each. */
function corners(to: OnnxEmitter, x: string): string[] {
  const [end, plane, step] = [
    to.integers([2 ** 31 - 1, 2 ** 31 - 1]),
    to.integers([2, 3]),
    to.integers([2, 2]),
  ];
  return [
    [0, 0],
    [0, 1],
    [1, 0],
    [1, 1],
  ].map((start) => to.emit('Slice', [x, to.integers(start), end, plane, step])[0]!);
}
