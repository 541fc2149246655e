import { createGraph, type Node } from '../src/engine/graph/graph.js';
import { input, matmul, sum } from '../src/engine/graph/operations.js';
import { filled } from '../src/engine/graph/tensor.js';
import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';

/** What this machine can do at best, through the same runtime. */
export interface MachineRates {
  /** Floating-point operations a second of a large matrix product. */
  readonly flopsPerSecond: number;
  /** Bytes a second read by a large sum. */
  readonly bytesPerSecond: number;
}

const rounds = 12;

/** Measures the best of several products of 1024² matrices and sums over 64 MiB. */
export async function measureMachine(threads: number): Promise<MachineRates> {
  const side = 1024;
  const square = [side, side];
  const product = await best(threads, square, (x, y) => matmul(x, y));
  const long = [16 * 2 ** 20];
  const pass = await best(threads, long, (x) => sum(x));
  return { flopsPerSecond: (2 * side ** 3) / product, bytesPerSecond: (4 * long[0]!) / pass };
}

async function best(
  threads: number,
  shape: readonly number[],
  make: (x: Node, y: Node) => Node,
): Promise<number> {
  const [x, y] = [input('x', shape), input('y', shape)];
  const program = await createNodeRuntime('cpu', { threads }).compile(createGraph('rate', { z: make(x, y) }));
  const given = { x: filled(shape, 1), y: filled(shape, 2) };
  let least = Number.POSITIVE_INFINITY;
  const before = process.cpuUsage();
  for (let round = 0; round < rounds; round++) {
    const began = performance.now();
    await program.run(given);
    least = Math.min(least, (performance.now() - began) / 1000);
  }
  const { user, system } = process.cpuUsage(before);
  await program.close();
  // On one thread the processor's time tells how fast it is whatever else it does between.
  return threads === 1 ? Math.min(least, (user + system) / 1e6 / rounds) : least;
}
