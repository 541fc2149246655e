import * as ort from 'onnxruntime-node';
import { fail } from '../base/errors.js';
import type { Graph } from './graph.js';
import type { Program, Runtime } from './runtime.js';
import { requireInputs, type Tensor } from './tensor.js';
import { writeOnnx } from './write-onnx.js';

/** Settings of {@link createNodeRuntime}. */
export interface NodeRuntimeOptions {
  /** Threads of one operation; all cores when left out. */
  readonly threads?: number;
  readonly profile?: string;
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
  return {
    device,
    compile: (graph) => compile(graph, writeOnnx(graph), sessionOptions),
  };
}

async function compile(
  graph: Graph,
  bytes: Uint8Array,
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
        feeds[attributes.name] = new ort.Tensor('float32', value.data, value.shape as number[]);
      }
      const results = await session.run(feeds);
      const outputs: Record<string, Tensor> = {};
      for (const [name, value] of Object.entries(results)) {
        outputs[name] = { shape: value.dims, data: value.data as Float32Array };
      }
      return outputs;
    },
    close: () => session.release(),
  };
}
