import * as ort from 'onnxruntime-node';
import { fail } from '../base/errors.js';
import type { Graph } from './graph.js';
import type { Precision } from './rules/onnx-emitter.js';
import type { Program, Runtime } from './runtime.js';
import { requireInputs, type Tensor } from './tensor.js';
import { writeOnnx } from './write-onnx.js';

/** Settings of {@link createNodeRuntime}. */
export interface NodeRuntimeOptions {
  /** Threads of one operation; all cores when left out. */
  readonly threads?: number;
  /** Where to write ONNX Runtime's profile; none when left out. */
  readonly profile?: string;
  /** float64 checks a program's mathematics: slow, CPU only. float32 when left out. */
  readonly precision?: Precision;
}

/** ONNX Runtime in Node on one of its execution providers. */
export function createNodeRuntime(device: string, options: NodeRuntimeOptions = {}): Runtime {
  const sessionOptions: ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
  };
  const precision = options.precision ?? 'float32';
  return {
    device,
    compile: (graph) => compile(graph, writeOnnx(graph, { precision }), precision, sessionOptions),
  };
}

async function compile(
  graph: Graph,
  bytes: Uint8Array,
  precision: Precision,
  options: ort.InferenceSession.SessionOptions,
): Promise<Program> {
  let session: ort.InferenceSession;
  try {
    session = await ort.InferenceSession.create(bytes, options);
  } catch (cause) {
    return fail(
      'not-supported',
      {
        where: `program ${graph.name}`,
        expected: 'ONNX Runtime to load it',
        got: cause instanceof Error ? cause.message : String(cause),
      },
      { cause },
    );
  }
  return {
    graph,
    run: async (inputs) => {
      requireInputs(graph, inputs);
      const feeds: Record<string, ort.Tensor> = {};
      for (const { attributes } of graph.inputs) {
        const value = inputs[attributes.name]!;
        feeds[attributes.name] = toOrt(value, precision);
      }
      const results = await session.run(feeds);
      const outputs: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(results)) {
        outputs[name] = { shape: value.dims, data: toFloat32(value.data as Float32Array | Float64Array) };
      }
      return outputs;
    },
    close: () => session.release(),
  };
}

function toOrt({ data, shape }: Tensor, precision: Precision): ort.Tensor {
  return precision === 'float32'
    ? new ort.Tensor('float32', data, shape)
    : new ort.Tensor('float64', Float64Array.from(data), shape);
}

function toFloat32(data: Float32Array | Float64Array): Float32Array {
  return data instanceof Float32Array ? data : Float32Array.from(data);
}
