import { createGraph, type Graph } from '../graph/graph.js';
import { input } from '../graph/operations.js';
import type { Tensor } from '../graph/tensor.js';
import { type DeviceMemory, type DeviceTensor, isOnDevice } from './runtime.js';

/**
 * A device's memory through nothing but programs: tensors travel as inputs and outputs of one that passes them
 * through. (In Node, ONNX Runtime has no other way to the device, and none back.)
 *
 * @param compile loads a program of which the outputs that `stays` accepts remain on the device
 */
export function createDeviceMemory(compile: DeviceMemory['compile']): DeviceMemory {
  return {
    compile,
    upload: async (tensors) => {
      const program = await compile(passThrough(tensors), () => true);
      try {
        return withoutPrefix((await program.run(tensors)) as Record<string, DeviceTensor>);
      } finally {
        await program.close();
      }
    },
    download: async (tensors) => {
      const away = Object.fromEntries(
        Object.entries(tensors).filter((entry): entry is [string, DeviceTensor] => isOnDevice(entry[1])),
      );
      const here = tensors as Readonly<Record<string, Tensor>>;
      if (Object.keys(away).length === 0) return { ...here };
      const program = await compile(passThrough(away), () => false);
      try {
        return { ...here, ...withoutPrefix((await program.run(away)) as Record<string, Tensor>) };
      } finally {
        await program.close();
      }
    },
  };
}

const prefix = 'passed.';

function passThrough(tensors: Readonly<Record<string, { readonly shape: readonly number[] }>>): Graph {
  return createGraph(
    'transfer',
    Object.fromEntries(
      Object.entries(tensors).map(([name, { shape }]) => [prefix + name, input(name, shape)]),
    ),
  );
}

function withoutPrefix<T>(results: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(
    Object.entries(results).map(([name, value]) => [name.slice(prefix.length), value]),
  );
}
