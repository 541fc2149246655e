import type { Graph } from '../engine/graph/graph.js';
import type { Tensors } from '../engine/graph/tensor.js';
import type { DeviceMemory, HeldTensors, ResidentProgram, Runtime } from '../engine/runtime/runtime.js';
import { nextPrefix } from './program-outputs.js';

/** Compiles an update; on a device with its own memory what replaces the state stays there. */
export function compileResident(runtime: Runtime, graph: Graph): Promise<ResidentProgram> {
  const { memory } = runtime;
  return memory === undefined
    ? runtime.compile(graph)
    : memory.compile(graph, (output) => output.startsWith(nextPrefix));
}

/** Brings a state to where a device's programs keep it. */
export async function loadState<State extends { readonly tensors: Tensors }>(
  { memory }: { readonly memory: DeviceMemory | null },
  state: State,
): Promise<Omit<State, 'tensors'> & { readonly tensors: HeldTensors }> {
  return memory === null ? state : { ...state, tensors: await memory.upload(state.tensors) };
}

/** Brings a state back, to save or to use it. */
export async function readState<State extends { readonly tensors: HeldTensors }>(
  { memory }: { readonly memory: DeviceMemory | null },
  state: State,
): Promise<Omit<State, 'tensors'> & { readonly tensors: Tensors }> {
  // Without a memory of its own, the device leaves every tensor here.
  return memory === null
    ? (state as Omit<State, 'tensors'> & { readonly tensors: Tensors })
    : { ...state, tensors: await memory.download(state.tensors) };
}
