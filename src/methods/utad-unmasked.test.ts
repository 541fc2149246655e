import { expect, it } from 'vitest';
import { smallSetup } from '../../test/fixtures/small-update.js';
import { startTeacher } from '../../test/fixtures/start-state.js';
import { createRandom } from '../base/random.js';
import { filled, type Tensors, tensor } from '../engine/graph/tensor.js';
import { createNodeRuntime } from '../engine/runtime/runtime.node.js';
import { adamFactors } from '../training/adam.js';
import type { UpdateSetup } from './utad-update.js';
import { criticUpdate, generatorUpdate } from './utad-update.js';

const side = 32;
const shape = [2, 1, side, side];
const setup: UpdateSetup = {
  ...smallSetup,
  someUnmasked: true,
};

/** A masked slice and an unmasked one, which differs with the key. */
function batch(second: string): Tensors {
  const noise = (key: string): number[] => {
    const random = createRandom('unmasked', key);
    return Array.from({ length: side * side }, () => 2 * random.uniform() - 1);
  };
  const mask = Array.from({ length: 2 * side * side }, (_, i) => Number(i < side * side && i % side > 20));
  return {
    image: tensor([...noise('first'), ...noise(second)], shape),
    mask: tensor(mask, shape),
    source: tensor([1, 0, 0, 1], [2, 2]),
    target: tensor([0, 1, 1, 0], [2, 2]),
    alpha: tensor([0.3, 0.6], [2, 1, 1, 1]),
    beta: tensor([0.3, 0.6], [2, 1, 1, 1]),
    maskWeight: tensor([1, 0], [2, 1, 1, 1]),
  };
}

it('a slice without a mask teaches the whole image and nothing of tumours', async () => {
  const runtime = createNodeRuntime('cpu', { threads: 1 });
  const started = startTeacher(setup.model, 1, false).tensors;
  // A fusion that gives constants: what one slice holds cannot reach the other through the statistics of the batch.
  const gain = 'G.fusion.layer2.1.weight';
  const tensors = { ...started, [gain]: filled(started[gain]!.shape, 0) };
  for (const graph of [criticUpdate(setup), generatorUpdate(setup)]) {
    const program = await runtime.compile(graph);
    const results = await Promise.all(
      ['second', 'third'].map((second) =>
        program.run({ ...tensors, ...batch(second), ...adamFactors(setup.adam, 1e-4, 1) }),
      ),
    );
    await program.close();
    const [a, b] = results as [Tensors, Tensors];
    const terms = Object.keys(a).filter((name) => name.startsWith('term.') && !name.endsWith('total'));
    for (const name of terms) {
      const same = Math.abs(a[name]!.data[0]! - b[name]!.data[0]!) < 1e-6;
      expect(same, name).toBe(name.startsWith('term.local'));
    }
    // What the tumour critic learns does not depend on the unmasked slice either; what the other learns does.
    const moved = Object.keys(a).filter((name) => /^next\.(localD|D)\./.test(name));
    for (const name of moved) {
      const far = Math.max(...a[name]!.data.map((value, i) => Math.abs(value - b[name]!.data[i]!)));
      if (name.startsWith('next.localD')) expect(far, name).toBeLessThan(1e-7);
    }
    const first = 'next.D.main.0.weight';
    if (moved.includes(first)) expect(a[first]!.data).not.toEqual(b[first]!.data);
  }
});
