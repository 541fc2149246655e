import { sizeOf, stridesOf } from '../../base/shapes.js';
import type { Attributes, Node, OpName } from './graph.js';

/** Values in double precision, rows outermost. */
export type ReferenceValue = Float64Array;

type ReferenceRule<K extends OpName> = (inputs: readonly ReferenceValue[], node: Node<K>) => ReferenceValue;

const unary =
  (f: (x: number) => number): ReferenceRule<OpName> =>
  ([x]) =>
    x!.map(f);

const binary =
  (f: (a: number, b: number) => number): ReferenceRule<OpName> =>
  ([a, b], node) => {
    const left = broadcastIndex(node.inputs[0]!.shape, node.shape);
    const right = broadcastIndex(node.inputs[1]!.shape, node.shape);
    return fill(node, (index) => f(a![left(index)]!, b![right(index)]!));
  };

/** Slow and obvious values of every operation: the oracle of every other runtime. */
const referenceRules: { readonly [K in OpName]: ReferenceRule<K> } = {
  input: ([given]) => given!,
  constant: (_, node) => Float64Array.from(node.attributes.data),
  detach: ([x]) => x!,
  add: binary((a, b) => a + b),
  subtract: binary((a, b) => a - b),
  multiply: binary((a, b) => a * b),
  divide: binary((a, b) => a / b),
  maximum: binary((a, b) => Math.max(a, b)),
  negate: unary((x) => -x),
  exp: unary(Math.exp),
  log: unary(Math.log),
  sqrt: unary(Math.sqrt),
  tanh: unary(Math.tanh),
  absolute: unary(Math.abs),
  sign: unary(Math.sign),
  clamp: ([x], { attributes: { low, high } }) => x!.map((v) => Math.min(high, Math.max(low, v))),
  within: ([x], { attributes: { low, high } }) => x!.map((v) => (v >= low && v <= high ? 1 : 0)),
  leakyRelu: ([x], { attributes: { slope } }) => x!.map((v) => (v > 0 ? v : slope * v)),
  leakyReluGradient: ([g, x], { attributes: { slope } }) => g!.map((v, i) => (x![i]! > 0 ? v : slope * v)),
  logSoftmax: ([x], node) => {
    const width = node.shape.at(-1)!;
    return fill(node, (index) => {
      const row = x!.subarray(index - (index % width), index - (index % width) + width);
      const largest = Math.max(...row);
      return x![index]! - largest - Math.log(row.reduce((total, v) => total + Math.exp(v - largest), 0));
    });
  },
  sum: ([x], node) => {
    const result = new Float64Array(sizeOf(node.shape));
    const target = broadcastIndex(node.shape, node.inputs[0]!.shape);
    x!.forEach((v, index) => {
      result[target(index)]! += v;
    });
    return result;
  },
  reshape: ([x]) => x!,
  transpose: ([x], node) => {
    const strides = stridesOf(node.inputs[0]!.shape);
    return fillByPlace(
      node,
      (place) =>
        x![
          dot(
            place,
            node.attributes.permutation.map((axis) => strides[axis]!),
          )
        ]!,
    );
  },
  broadcast: ([x], node) => {
    const source = broadcastIndex(node.inputs[0]!.shape, node.shape);
    return fill(node, (index) => x![source(index)]!);
  },
  concat: (inputs, node) => {
    const { axis } = node.attributes;
    return fillByPlace(node, (place) => {
      let offset = place[axis]!;
      let part = 0;
      while (offset >= node.inputs[part]!.shape[axis]!) offset -= node.inputs[part++]!.shape[axis]!;
      const at = place.map((p, i) => (i === axis ? offset : p));
      return inputs[part]![dot(at, stridesOf(node.inputs[part]!.shape))]!;
    });
  },
  slice: ([x], node) => {
    const strides = stridesOf(node.inputs[0]!.shape);
    const { axis, start } = node.attributes;
    return fillByPlace(node, (place) => x![dot(place, strides) + start * strides[axis]!]!);
  },
  pad: ([x], node) => {
    const source = node.inputs[0]!.shape;
    const strides = stridesOf(source);
    const { axis, before } = node.attributes;
    return fillByPlace(node, (place) => {
      const along = place[axis]! - before;
      return along < 0 || along >= source[axis]! ? 0 : x![dot(place, strides) - before * strides[axis]!]!;
    });
  },
  matmul: ([a, b], node) => {
    const [left, right] = node.inputs.map((input) => input.shape) as [readonly number[], readonly number[]];
    const [rows, inner, columns] = [left.at(-2)!, left.at(-1)!, right.at(-1)!];
    const lead = node.shape.slice(0, -2);
    const leftLead = broadcastIndex(left.slice(0, -2), lead);
    const rightLead = broadcastIndex(right.slice(0, -2), lead);
    return fill(node, (index) => {
      const batch = Math.floor(index / (rows * columns));
      const row = Math.floor(index / columns) % rows;
      const column = index % columns;
      let total = 0;
      for (let k = 0; k < inner; k++) {
        total +=
          a![(leftLead(batch) * rows + row) * inner + k]! *
          b![(rightLead(batch) * inner + k) * columns + column]!;
      }
      return total;
    });
  },
  convolution: ([x, w], node) => {
    const result = new Float64Array(sizeOf(node.shape));
    const [source, kernel] = node.inputs as [Node, Node];
    forEachTap(source.shape, kernel.shape, node.shape, node.attributes, (xi, wi, yi) => {
      result[yi]! += x![xi]! * w![wi]!;
    });
    return result;
  },
  convolutionInputGradient: ([g, w], node) => {
    const result = new Float64Array(sizeOf(node.shape));
    const [upstream, kernel] = node.inputs as [Node, Node];
    forEachTap(node.shape, kernel.shape, upstream.shape, node.attributes, (xi, wi, yi) => {
      result[xi]! += g![yi]! * w![wi]!;
    });
    return result;
  },
  convolutionKernelGradient: ([x, g], node) => {
    const result = new Float64Array(sizeOf(node.shape));
    const [source, upstream] = node.inputs as [Node, Node];
    forEachTap(source.shape, node.shape, upstream.shape, node.attributes, (xi, wi, yi) => {
      result[wi]! += x![xi]! * g![yi]!;
    });
    return result;
  },
  maxPool: ([x], node) => fill(node, (index) => x![placeOfMaximum(x!, node.inputs[0]!, index)]!),
  maxUnpool: ([g, x], node) => {
    const result = new Float64Array(sizeOf(node.shape));
    g!.forEach((v, index) => {
      result[placeOfMaximum(x!, node.inputs[1]!, index)] = v;
    });
    return result;
  },
  maxPick: ([h, x], node) => fill(node, (index) => h![placeOfMaximum(x!, node.inputs[1]!, index)]!),
  instanceNorm: ([x], node) => {
    const plane = node.shape[2]! * node.shape[3]!;
    return fill(node, (index) => {
      const { mean, deviation } = moments(x!, Math.floor(index / plane), plane, node.attributes.epsilon);
      return (x![index]! - mean) / deviation;
    });
  },
  inverseDeviation: ([x], node) => {
    const [, , height, width] = node.inputs[0]!.shape as [number, number, number, number];
    return fill(node, (index) => 1 / moments(x!, index, height * width, node.attributes.epsilon).deviation);
  },
};

function fill(node: Node, value: (index: number) => number): ReferenceValue {
  return Float64Array.from({ length: sizeOf(node.shape) }, (_, index) => value(index));
}

function fillByPlace(node: Node, value: (place: readonly number[]) => number): ReferenceValue {
  const strides = stridesOf(node.shape);
  return fill(node, (index) =>
    value(node.shape.map((size, axis) => Math.floor(index / strides[axis]!) % size)),
  );
}

/** For an index into the larger shape, the index into the smaller one that broadcasts to it. */
function broadcastIndex(small: readonly number[], large: readonly number[]): (index: number) => number {
  const lead = large.length - small.length;
  const smallStrides = stridesOf(small);
  const largeStrides = stridesOf(large);
  return (index) => {
    let at = 0;
    for (let axis = 0; axis < small.length; axis++) {
      const place = Math.floor(index / largeStrides[axis + lead]!) % large[axis + lead]!;
      if (small[axis] !== 1) at += place * smallStrides[axis]!;
    }
    return at;
  };
}

/** Visits every product of a convolution: indices into the input, the kernel and the output. */
function forEachTap(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  { stride, padding }: Attributes['convolution'],
  visit: (xi: number, wi: number, yi: number) => void,
): void {
  const [batch, channels, height, width] = x as [number, number, number, number];
  const [features, , kernel] = w as [number, number, number, number];
  const [, , rows, columns] = y as [number, number, number, number];
  for (let n = 0; n < batch; n++) {
    for (let o = 0; o < features; o++) {
      for (let c = 0; c < channels; c++) {
        for (let r = 0; r < rows * columns; r++) {
          const top = Math.floor(r / columns) * stride - padding;
          const left = (r % columns) * stride - padding;
          for (let k = 0; k < kernel * kernel; k++) {
            const i = top + Math.floor(k / kernel);
            const j = left + (k % kernel);
            if (i < 0 || j < 0 || i >= height || j >= width) continue;
            visit(
              ((n * channels + c) * height + i) * width + j,
              (o * channels + c) * kernel * kernel + k,
              (n * features + o) * rows * columns + r,
            );
          }
        }
      }
    }
  }
}

/** Index of the first largest element of the 2×2 block that pools into `index`. */
function placeOfMaximum(x: ReferenceValue, source: Node, index: number): number {
  const [, , height, width] = source.shape as [number, number, number, number];
  const half = width / 2;
  const plane = Math.floor(index / (half * (height / 2)));
  const row = Math.floor(index / half) % (height / 2);
  const corner = (plane * height + 2 * row) * width + 2 * (index % half);
  return [corner, corner + 1, corner + width, corner + width + 1].reduce((best, at) =>
    x[at]! > x[best]! ? at : best,
  );
}

function moments(
  x: ReferenceValue,
  plane: number,
  size: number,
  epsilon: number,
): { mean: number; deviation: number } {
  const values = x.subarray(plane * size, (plane + 1) * size);
  const mean = values.reduce((total, v) => total + v, 0) / size;
  const variance = values.reduce((total, v) => total + (v - mean) ** 2, 0) / size;
  return { mean, deviation: Math.sqrt(variance + epsilon) };
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((total, v, i) => total + v * b[i]!, 0);
}

/** Value of one node from the values of its inputs. */
export function referenceValue(node: Node, inputs: readonly ReferenceValue[]): ReferenceValue {
  const rule = referenceRules[node.op] as ReferenceRule<OpName>;
  return rule(inputs, node);
}
