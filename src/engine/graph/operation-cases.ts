import { createRandom } from '../../base/random.js';
import { sizeOf } from '../../base/shapes.js';
import { createGraph, type Graph, type Node, type OpName } from './graph.js';
import * as ops from './operations.js';
import { type Tensors, tensor } from './tensor.js';

/** One small computation that exercises an operation, with inputs away from its kinks. */
interface OperationCase {
  readonly op: OpName;
  readonly title: string;
  readonly graph: Graph;
  readonly inputs: Tensors;
}

type Build = (...inputs: Node[]) => Node;
/** How inputs are drawn: `any` in ±1, `positive` in [0.5, 2], `distinct` all values different by at least 0.02. */
type Draw = 'any' | 'positive' | 'distinct';

interface Recipe {
  readonly title: string;
  readonly shapes: readonly (readonly number[])[];
  readonly build: Build;
  readonly draw?: Draw;
}

const fourAxes = [2, 3, 4, 6];
const image = [2, 3, 6, 6];

const unary = (build: (x: Node) => Node, draw: Draw = 'any'): readonly Recipe[] => [
  { title: 'four axes', shapes: [fourAxes], build: build as Build, draw },
];
const binary = (build: (a: Node, b: Node) => Node, draw: Draw = 'any'): readonly Recipe[] => [
  { title: 'same shapes', shapes: [fourAxes, fourAxes], build: build as Build, draw },
  { title: 'broadcast from the right', shapes: [fourAxes, [2, 1, 1, 1]], build: build as Build, draw },
  { title: 'broadcast from the left', shapes: [[], fourAxes], build: build as Build, draw },
  {
    title: 'broadcast both ways',
    shapes: [
      [3, 1],
      [2, 1, 4],
    ],
    build: build as Build,
    draw,
  },
];

/** A convolution of the family: title, N, C, O, height, width, kernel, stride, padding. */
const convolutions = [
  ['3×3, padding 1', 2, 3, 4, 6, 6, 3, 1, 1],
  ['3×3 of a large plane', 2, 2, 3, 12, 10, 3, 1, 1],
  // ONNX Runtime issue 29651: wrong on WebGPU with 6, 9, 15, … channels and features by fours; also the adjoint in x of the
  // other way round.
  ['first layer, 5 input channels', 2, 5, 2, 8, 8, 3, 1, 1],
  ['6 channels to 4', 2, 6, 4, 6, 6, 3, 1, 1],
  ['4 channels to 9', 1, 4, 9, 6, 6, 3, 1, 1],
  ['4×4, stride 2, 6 channels to 8', 1, 6, 8, 6, 6, 4, 2, 1],
  ['more features than pixels', 1, 2, 9, 2, 2, 3, 1, 1],
  ['1×1', 2, 3, 1, 6, 6, 1, 1, 0],
  ['no padding', 2, 3, 4, 2, 2, 2, 1, 0],
  // ONNX Runtime issue 26734: wrong strided convolutions on WebGPU.
  ['4×4, stride 2, padding 1', 2, 3, 4, 8, 8, 4, 2, 1],
  ['4×4, stride 2 of a large plane', 1, 1, 4, 24, 24, 4, 2, 1],
  ['3×3, stride 2, odd remainder', 2, 2, 3, 6, 8, 3, 2, 1],
  // ONNX Runtime pull request 27749: wrong transposed convolutions of 5 and 7 channels on WebGPU.
  ['4×4, stride 2, 5 and 7 channels', 1, 7, 5, 8, 8, 4, 2, 1],
] as const;

/** Every operation at several shapes: the one list that each runtime's tests and self-test share. */
const recipes: { readonly [K in OpName]: readonly Recipe[] } = {
  input: [{ title: 'passes through', shapes: [[2, 3]], build: (x) => x! }],
  constant: [
    { title: 'beside an input', shapes: [[2]], build: (x) => ops.add(x!, ops.constant([1, 2], [2])) },
  ],
  detach: [{ title: 'keeps the value', shapes: [[2, 3]], build: (x) => ops.add(ops.detach(x!), x!) }],
  add: binary(ops.add),
  subtract: binary(ops.subtract),
  multiply: binary(ops.multiply),
  divide: binary(ops.divide, 'positive'),
  maximum: binary(ops.maximum),
  negate: unary(ops.negate),
  exp: unary(ops.exp),
  log: unary(ops.log, 'positive'),
  sqrt: unary(ops.sqrt, 'positive'),
  tanh: unary(ops.tanh),
  absolute: unary(ops.absolute),
  sign: unary(ops.sign),
  clamp: unary((x) => ops.clamp(x, -0.4, 0.6)),
  within: unary((x) => ops.within(x, -0.4, 0.6)),
  leakyRelu: unary((x) => ops.leakyRelu(x, 0.1)),
  leakyReluGradient: [
    { title: 'four axes', shapes: [fourAxes, fourAxes], build: (g, x) => ops.leakyReluGradient(g!, x!, 0.1) },
  ],
  logSoftmax: [{ title: 'rows', shapes: [[3, 4]], build: (x) => ops.logSoftmax(x!) }],
  sum: [
    { title: 'over the plane', shapes: [fourAxes], build: (x) => ops.sum(x!, [2, 3]) },
    { title: 'over batch and plane', shapes: [fourAxes], build: (x) => ops.sum(x!, [0, 2, 3]) },
    { title: 'over everything', shapes: [fourAxes], build: (x) => ops.sum(x!) },
  ],
  reshape: [
    { title: 'flattens', shapes: [fourAxes], build: (x) => ops.reshape(x!, [2, 72]) },
    { title: 'to a scalar', shapes: [[1, 1]], build: (x) => ops.reshape(x!, []) },
    { title: 'moves the batch', shapes: [fourAxes], build: (x) => ops.reshape(x!, [6, 24]) },
  ],
  transpose: [{ title: 'four axes', shapes: [fourAxes], build: (x) => ops.transpose(x!, [2, 0, 3, 1]) }],
  broadcast: [{ title: 'planes', shapes: [[2, 3, 1, 1]], build: (x) => ops.broadcast(x!, fourAxes) }],
  concat: [{ title: 'channels', shapes: [fourAxes, [2, 1, 4, 6]], build: (a, b) => ops.concat([a!, b!], 1) }],
  slice: [{ title: 'inner piece', shapes: [fourAxes], build: (x) => ops.slice(x!, 3, 1, 4) }],
  pad: [{ title: 'both sides', shapes: [fourAxes], build: (x) => ops.pad(x!, 2, 1, 2) }],
  matmul: [
    {
      title: 'matrices',
      shapes: [
        [3, 4],
        [4, 5],
      ],
      build: (a, b) => ops.matmul(a!, b!),
    },
    {
      title: 'batch from the left',
      shapes: [
        [3, 4],
        [2, 3, 4, 5],
      ],
      build: (a, b) => ops.matmul(a!, b!),
    },
    {
      title: 'batch from the right',
      shapes: [
        [2, 3, 5, 4],
        [4, 6],
      ],
      build: (a, b) => ops.matmul(a!, b!),
    },
  ],
  convolution: convolutions.map(([title, n, c, o, h, w, k, stride, padding]) => ({
    title,
    shapes: [
      [n, c, h, w],
      [o, c, k, k],
    ],
    build: (x, kernel) => ops.convolution(x!, kernel!, { stride, padding }),
  })),
  convolutionInputGradient: convolutions.map(([title, n, c, o, h, w, k, stride, padding]) => ({
    title,
    shapes: [
      [n, o, ...convolved(h, w, k, stride, padding)],
      [o, c, k, k],
    ],
    build: (g, kernel) => ops.convolutionInputGradient(g!, kernel!, { stride, padding, inputSize: [h, w] }),
  })),
  convolutionKernelGradient: convolutions.map(([title, n, c, o, h, w, k, stride, padding]) => ({
    title,
    shapes: [
      [n, c, h, w],
      [n, o, ...convolved(h, w, k, stride, padding)],
    ],
    build: (x, g) => ops.convolutionKernelGradient(x!, g!, { stride, padding, kernelSize: k }),
  })),
  maxPool: [{ title: '2×2', shapes: [image], build: (x) => ops.maxPool(x!), draw: 'distinct' }],
  maxUnpool: [
    { title: '2×2', shapes: [[2, 3, 3, 3], image], build: (g, x) => ops.maxUnpool(g!, x!), draw: 'distinct' },
  ],
  maxPick: [{ title: '2×2', shapes: [image, image], build: (h, x) => ops.maxPick(h!, x!), draw: 'distinct' }],
  instanceNorm: [{ title: 'planes', shapes: [image], build: (x) => ops.instanceNorm(x!, 1e-5) }],
  inverseDeviation: [{ title: 'planes', shapes: [image], build: (x) => ops.inverseDeviation(x!, 1e-5) }],
};

/**
 * Pooling of values that are equal within their blocks: the first must win everywhere. Central differences cannot
 * judge these, so they stand apart.
 */
export function tieCases(): OperationCase[] {
  const x = ops.input('x', image);
  const values = Float32Array.from({ length: sizeOf(image) }, (_, i) => [0.5, -1, 0.5, 0, 0][i % 5]!);
  const give = (name: string, shape: readonly number[]): Tensors => ({
    x: tensor(values, image),
    [name]: tensor(drawValues('any', sizeOf(shape), name), shape),
  });
  const half = [2, 3, 3, 3];
  const cases: readonly [OpName, Node, Tensors][] = [
    ['maxUnpool', ops.maxUnpool(ops.input('g', half), x), give('g', half)],
    ['maxPick', ops.maxPick(ops.input('h', image), x), give('h', image)],
  ];
  return cases.map(([op, y, inputs]) => ({
    op,
    title: 'ties',
    graph: createGraph(`${op}: ties`, { y }),
    inputs,
  }));
}

/**
 * Operations over so many pixels that other backends than the CPU compute them in parts. Central differences would
 * take too long here, so they stand apart, too.
 */
export function longCases(): OperationCase[] {
  const [x, g, few] = [
    ops.input('x', [2, 8, 32, 32]),
    ops.input('g', [2, 4, 32, 32]),
    ops.input('few', [2, 3, 32, 32]),
  ];
  const plane = ops.input('plane', [1, 2, 64, 64]);
  const kernel = { stride: 1, padding: 1, kernelSize: 3 };
  const cases: readonly [OpName, string, Node, readonly Node<'input'>[]][] = [
    ['convolutionKernelGradient', 'many pixels', ops.convolutionKernelGradient(x, g, kernel), [x, g]],
    [
      'convolutionKernelGradient',
      'many pixels, few channels',
      ops.convolutionKernelGradient(few, g, kernel),
      [few, g],
    ],
    ['sum', 'large planes', ops.sum(plane, [2, 3]), [plane]],
    ['sum', 'everything, large planes', ops.sum(plane), [plane]],
    ['instanceNorm', 'large planes', ops.instanceNorm(plane, 1e-5), [plane]],
  ];
  return cases.map(([op, title, y, inputs]) => {
    const drawn = inputs.map(({ attributes: { name }, shape }) => [
      name,
      tensor(drawValues('any', sizeOf(shape), `${op} ${title} ${name}`), shape),
    ]);
    const name = `${op}: ${title}`;
    return { op, title, graph: createGraph(name, { y }), inputs: Object.fromEntries(drawn) as Tensors };
  });
}

/** All cases, with inputs drawn from a fixed seed. */
export function operationCases(): OperationCase[] {
  return (Object.keys(recipes) as OpName[]).flatMap((op) =>
    recipes[op].map(({ title, shapes, build, draw = 'any' }) => {
      const nodes = shapes.map((shape, i) => ops.input(`x${i}`, shape));
      const inputs = Object.fromEntries(
        shapes.map((shape, i) => [
          `x${i}`,
          tensor(drawValues(draw, sizeOf(shape), `${op} ${title} ${i}`), shape),
        ]),
      );
      return { op, title, graph: createGraph(`${op}: ${title}`, { y: build(...nodes) }), inputs };
    }),
  );
}

function drawValues(draw: Draw, count: number, key: string): Float32Array {
  const random = createRandom('operation case', key);
  if (draw === 'distinct')
    return Float32Array.from(random.permutation(count), (place) => (place - count / 2) * 0.02);
  if (draw === 'positive') return Float32Array.from({ length: count }, () => 0.5 + 1.5 * random.uniform());
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
}

function convolved(
  height: number,
  width: number,
  kernel: number,
  stride: number,
  padding: number,
): [number, number] {
  return [height, width].map((side) => Math.floor((side + 2 * padding - kernel) / stride) + 1) as [
    number,
    number,
  ];
}
