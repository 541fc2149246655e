import type { InferenceSession, Tensor as OrtTensor, TensorConstructor } from 'onnxruntime-common';
import { fail, refuse } from '../../base/errors.js';
import type { Graph } from '../graph/graph.js';
import { requireInputs, type Tensor } from '../graph/tensor.js';
import type { Precision } from '../onnx/emitter.js';
import {
  type DeviceTensor,
  type HeldTensors,
  isOnDevice,
  type Program,
  type ResidentProgram,
} from './runtime.js';

/** The part of ONNX Runtime that its packages for Node and for browsers share. */
export interface Ort {
  readonly InferenceSession: {
    readonly create: (
      bytes: Uint8Array,
      options: InferenceSession.SessionOptions,
    ) => Promise<InferenceSession>;
  };
  readonly Tensor: TensorConstructor;
}

/** Settings of {@link openProgram}. */
export interface ProgramOptions {
  readonly session: InferenceSession.SessionOptions;
  readonly precision?: Precision;
}

/**
 * Loads a written graph into ONNX Runtime.
 *
 * @param bytes the graph as `writeOnnx` writes it
 * @throws UtadError not-supported when ONNX Runtime refuses it.
 */
export async function openProgram(
  ort: Ort,
  graph: Graph,
  bytes: Uint8Array,
  options: ProgramOptions,
): Promise<Program> {
  const { run, close } = await openResidentProgram(ort, graph, bytes, options, () => false);
  return { graph, run: run as Program['run'], close };
}

/**
 * As {@link openProgram}, with the outputs that `stays` accepts left on the device. Closed while such outputs are
 * still held, it frees its session with the last of them.
 */
export async function openResidentProgram(
  ort: Ort,
  graph: Graph,
  bytes: Uint8Array,
  { session: settings, precision = 'float32' }: ProgramOptions,
  stays: (output: string) => boolean,
): Promise<ResidentProgram> {
  const locations = Object.keys(graph.outputs).map(
    (name) => [name, stays(name) ? 'gpu-buffer' : 'cpu'] as const,
  );
  const resident = locations.some(([, location]) => location !== 'cpu');
  const session = await create(ort, graph, bytes, {
    ...settings,
    ...(resident ? { preferredOutputLocation: Object.fromEntries(locations) } : {}),
  });
  // A session owns the memory of its results: it must outlive them.
  let [heldResults, closing] = [0, false];
  const releaseSession = async (): Promise<void> => {
    if (closing && heldResults === 0) await session.release();
  };
  const hold = (value: OrtTensor): DeviceTensor => {
    heldResults++;
    return new OrtDeviceTensor(value, () => {
      heldResults--;
      void releaseSession();
    });
  };
  return {
    graph,
    run: async (inputs) => {
      requireInputs(graph, inputs);
      const feeds = graph.inputs.map(
        ({ attributes: { name } }) => [name, toOrt(ort, inputs[name]!, precision)] as const,
      );
      const results = await session.run(Object.fromEntries(feeds));
      return Object.fromEntries(
        Object.entries(results).map(([name, value]) => [
          name,
          value.location === 'gpu-buffer' ? hold(value) : fromOrt(value),
        ]),
      );
    },
    close: async () => {
      closing = true;
      await releaseSession();
    },
  };
}

async function create(
  ort: Ort,
  graph: Graph,
  bytes: Uint8Array,
  options: InferenceSession.SessionOptions,
): Promise<InferenceSession> {
  try {
    return await ort.InferenceSession.create(bytes, options);
  } catch (cause) {
    return refuse(
      'not-supported',
      {
        where: `program ${graph.name}`,
        problem: `ONNX Runtime does not load it: ${cause instanceof Error ? cause.message : String(cause)}`,
      },
      { cause },
    );
  }
}

/** A result that ONNX Runtime left on the device. */
class OrtDeviceTensor implements DeviceTensor {
  private isHeld = true;
  constructor(
    readonly value: OrtTensor,
    private readonly onRelease: () => void,
  ) {}
  get shape(): readonly number[] {
    return this.value.dims;
  }
  release(): void {
    if (!this.isHeld) return;
    this.isHeld = false;
    this.value.dispose();
    this.onRelease();
  }
}

function toOrt(ort: Ort, value: HeldTensors[string], precision: Precision): OrtTensor {
  if (value instanceof OrtDeviceTensor) return value.value;
  if (isOnDevice(value)) {
    return fail('bad-argument', {
      where: 'device tensor',
      expected: 'one that ONNX Runtime made',
      got: 'another',
    });
  }
  return precision === 'float32'
    ? new ort.Tensor('float32', value.data, value.shape)
    : new ort.Tensor('float64', Float64Array.from(value.data), value.shape);
}

function fromOrt(value: OrtTensor): Tensor {
  const data = value.data as Float32Array | Float64Array;
  return { shape: value.dims, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}
