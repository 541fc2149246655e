import { createGraph } from '../graph/graph.js';
import { convolution, input } from '../graph/operations.js';
import type { Tensors } from '../graph/tensor.js';
import { writeOnnx } from '../onnx/write-onnx.js';
import { type Ort, openProgram, type ProgramOptions } from './onnx-session.js';

/** Block sizes of AVX-512, of AVX2 and SSE, and of ARM. */
const knownBlocks = [16, 8, 4] as const;
/** Sums of 144 products of numbers up to 1: right ones differ by 10⁻⁵, those of another layout by several units. */
const tolerance = 1e-3;

/**
 * How many channels a block of the CPU backend's own layout has on this machine: the size with which a small
 * convolution comes out right; 0 where none does or the backend has no such layout.
 */
export async function findChannelBlock(ort: Ort, options: ProgramOptions): Promise<number> {
  const [x, w] = [input('x', [2, 16, 8, 8]), input('w', [16, 16, 3, 3])];
  const graph = createGraph('layout', { y: convolution(x, w, { stride: 1, padding: 1 }) });
  const given: Tensors = Object.fromEntries(
    graph.inputs.map(({ attributes: { name }, shape }) => [name, { shape, data: waves(shape) }]),
  );
  const compute = async (channelBlock: number): Promise<Float32Array> => {
    const program = await openProgram(ort, graph, writeOnnx(graph, { channelBlock }), options);
    try {
      return (await program.run(given))['y']!.data;
    } finally {
      await program.close();
    }
  };
  const expected = await compute(0);
  for (const block of knownBlocks) {
    // A backend without the layout refuses the program.
    const made = await compute(block).catch(() => null);
    if (made?.every((value, i) => Math.abs(value - expected[i]!) < tolerance)) return block;
  }
  return 0;
}

function waves(shape: readonly number[]): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => Math.sin(1.37 * i + 0.001 * i * i));
}
