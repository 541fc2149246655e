import type { Graph } from '../graph/graph.js';
import type { Operators, Precision } from '../onnx/emitter.js';
import { writeOnnx } from '../onnx/write-onnx.js';
import { findChannelBlock } from './channel-block.js';
import { createDeviceMemory } from './device-memory.js';
import * as ort from './onnx-runtime.node.js';
import { openProgram, openResidentProgram } from './onnx-session.js';
import type { Runtime } from './runtime.js';

/** Settings of {@link createNodeRuntime}. */
interface NodeRuntimeOptions {
  /** Threads of one operation; all cores when left out. */
  readonly threads?: number;
  /** Where to write ONNX Runtime's profile; none when left out. */
  readonly profile?: string;
  /** float64 checks a program's mathematics: slow, CPU only. float32 when left out. */
  readonly precision?: Precision;
  /** Operators that programs may use; all on the CPU and the common ones elsewhere when left out. */
  readonly operators?: Operators;
}

/** ONNX Runtime in Node on one of its execution providers. */
export function createNodeRuntime(device: string, options: NodeRuntimeOptions = {}): Runtime {
  const session: ort.InferenceSession.SessionOptions = {
    executionProviders: [device],
    graphOptimizationLevel: 'all',
    // One plan for all of a program's memory needs up to a third more of it and saves no time.
    enableMemPattern: false,
    logSeverityLevel: 3,
    ...(options.threads === undefined ? {} : { intraOpNumThreads: options.threads }),
    ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
  };
  const { precision = 'float32', operators = device === 'cpu' ? 'all' : 'common' } = options;
  const settings = { session, precision };
  const hasBlocks = device === 'cpu' && operators === 'all' && precision === 'float32';
  let channelBlock: Promise<number> | undefined;
  const write = async (graph: Graph): Promise<Uint8Array> => {
    channelBlock ??= hasBlocks
      ? findChannelBlock(ort, { session: { intraOpNumThreads: 1, logSeverityLevel: 4 } })
      : Promise.resolve(0);
    return writeOnnx(graph, { precision, operators, channelBlock: await channelBlock });
  };
  return {
    device,
    compile: async (graph) => openProgram(ort, graph, await write(graph), settings),
    ...(device === 'webgpu'
      ? {
          memory: createDeviceMemory(async (graph, stays) =>
            openResidentProgram(ort, graph, await write(graph), settings, stays),
          ),
        }
      : {}),
  };
}
