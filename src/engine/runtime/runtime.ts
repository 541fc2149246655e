import type { Shape } from '../../base/shapes.js';
import type { Graph } from '../graph/graph.js';
import type { Tensor, Tensors } from '../graph/tensor.js';

/** A tensor in a device's own memory: of use only to the {@link DeviceMemory} that made it. */
export interface DeviceTensor {
  readonly shape: Shape;
  /** Frees the memory; the tensor cannot be used afterwards. */
  readonly release: () => void;
}

/** Tensors by name, each in the computer's memory or in a device's. */
export type HeldTensors = Readonly<Record<string, Tensor | DeviceTensor>>;

/** A compiled graph, some of whose outputs may stay on the device. */
export interface ResidentProgram {
  readonly graph: Graph;
  /**
   * Computes all outputs. Inputs may be device tensors of the same runtime.
   *
   * @throws UtadError when an input is missing or has another shape.
   */
  readonly run: (inputs: HeldTensors) => Promise<HeldTensors>;
  /** Frees what the program holds, with the last of its device tensors; it cannot run afterwards. */
  readonly close: () => Promise<void>;
}

/** A compiled graph whose outputs all come back. */
export interface Program extends ResidentProgram {
  readonly run: (inputs: HeldTensors) => Promise<Record<string, Tensor>>;
}

/** A device's own memory: what stays there need not travel between runs. */
export interface DeviceMemory {
  /** Compiles a graph; the outputs that `stays` accepts become device tensors, which the caller releases. */
  readonly compile: (graph: Graph, stays: (output: string) => boolean) => Promise<ResidentProgram>;
  /** Copies tensors to the device. */
  readonly upload: (tensors: Tensors) => Promise<Record<string, DeviceTensor>>;
  /** Copies device tensors back; those that are not on the device are returned as they are. */
  readonly download: (tensors: HeldTensors) => Promise<Record<string, Tensor>>;
}

/** Where graphs are computed. */
export interface Runtime {
  /** The name a person would choose it by: `cpu`, `webgpu`, … */
  readonly device: string;
  readonly compile: (graph: Graph) => Promise<Program>;
  /** Left out where results lie in the computer's memory anyway. */
  readonly memory?: DeviceMemory;
}

/** Frees the device tensors that are no longer among those in use. */
export function releaseUnused(held: HeldTensors, inUse: HeldTensors = {}): void {
  const kept = new Set(Object.values(inUse));
  for (const value of Object.values(held)) if (isOnDevice(value) && !kept.has(value)) value.release();
}

/** Whether a tensor lies in a device's memory. */
export function isOnDevice(value: Tensor | DeviceTensor): value is DeviceTensor {
  return !('data' in value);
}
