import { describe, expect, it } from 'vitest';
import { createRandom } from '../../src/base/random.js';
import { sizeOf } from '../../src/base/shapes.js';
import { oneHots, type Tensor, type Tensors, tensor } from '../../src/engine/graph/tensor.js';
import { createNodeRuntime } from '../../src/engine/runtime/runtime.node.js';
import { targanMethod } from '../../src/methods/targan.js';
import { resolveConfiguration } from '../../src/training/presets.js';
import { findSwiftShader } from './chromium.js';

/** Largest difference of two backends in a slice, on the scale of −1 to 1: float32 through forty instance norms. */
const tolerance = 1e-3;

const swiftShader = findSwiftShader();
const isGpuWanted = process.env['UTAD_TEST_GPU'] === '1';
const missing = swiftShader === null && !isGpuWanted;
const note = missing ? " (skipped: this machine lacks SwiftShader, which Debian's chromium package has)" : '';

describe.skipIf(missing)(`TarGAN on WebGPU${note}`, () => {
  // It joins half of a level's features to the whole: 6 channels here, which ONNX Runtime's WebGPU convolves wrongly.
  it('translates as the CPU does', async () => {
    if (!isGpuWanted) process.env['VK_ICD_FILENAMES'] = swiftShader!;
    const configuration = resolveConfiguration('paper', {
      'model.modalities': ['t1', 't2', 'pd'],
      'model.sliceSide': 32,
      'model.baseChannels': 4,
      'model.levels': 2,
      'model.criticBaseChannels': 2,
      'model.criticLayers': 4,
    });
    const method = targanMethod(configuration, 1);
    const graph = method.inference(1);
    const random = createRandom('targan on webgpu');
    const shape = [1, 1, 32, 32];
    const noise: Tensor = tensor(
      Float32Array.from({ length: sizeOf(shape) }, () => 2 * random.uniform() - 1),
      shape,
    );
    const inputs: Tensors = {
      ...(await method.start()),
      image: noise,
      target: oneHots(1, 3, 1),
    };
    const translate = async (device: string): Promise<Float32Array> => {
      const program = await createNodeRuntime(device).compile(graph);
      const { translated } = await program.run(inputs);
      await program.close();
      return translated!.data;
    };
    const [expected, made] = [await translate('cpu'), await translate('webgpu')];
    const error = Math.max(...expected.map((value, i) => Math.abs(value - made[i]!)));
    expect(error).toBeLessThan(tolerance);
    expect(Math.max(...expected) - Math.min(...expected)).toBeGreaterThan(0.1);
  });
});
