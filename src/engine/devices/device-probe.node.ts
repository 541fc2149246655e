import { createGraph } from '../graph/graph.js';
import { input, negate } from '../graph/operations.js';
import { tensor } from '../graph/tensor.js';
import { createNodeRuntime } from '../runtime/runtime.node.js';
import { type SelfTestResult, selfTest } from './self-test.js';
import { speedTest } from './speed-test.js';

/**
 * What a probe tells its parent, in this order. A probe that falls silent before `done` was ended by its device.
 */
export type ProbeMessage =
  | { readonly kind: 'opened' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'timed'; readonly milliseconds: number }
  | { readonly kind: 'compared'; readonly result: SelfTestResult }
  | { readonly kind: 'done' };

/** Examines a device in a process of its own, since a device can abort or hang a process. */
async function probe(device: string, slowest: number): Promise<void> {
  const tell = (message: ProbeMessage): void => void process.send?.(message);
  try {
    const runtime = createNodeRuntime(device);
    // Stays open: the last program that closes takes the device with it.
    const open = await runtime.compile(createGraph('open', { y: negate(input('x', [1])) }));
    await open.run({ x: tensor([1], [1]) });
    tell({ kind: 'opened' });
    const milliseconds = await speedTest(runtime, () => performance.now());
    tell({ kind: 'timed', milliseconds });
    if (milliseconds <= slowest) tell({ kind: 'compared', result: await selfTest(runtime) });
  } catch (error) {
    tell({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
  }
  tell({ kind: 'done' });
}

// Arguments: the device, and the time in milliseconds above which it need not be compared.
const [device, slowest] = process.argv.slice(2);
if (process.send !== undefined && device !== undefined) {
  await probe(device, Number(slowest));
  process.disconnect();
}
