import { type Outcome, runCases } from '../../src/engine/devices/self-test.js';
import { createWebRuntime, type WebDevice } from '../../src/engine/runtime/runtime.web.js';
import { backendCases } from './cases.js';

/** Runs the suite on a device of this browser and gives what came out. */
async function runSuite(device: WebDevice): Promise<Outcome[]> {
  const runtime = await createWebRuntime(device, { files: '/onnxruntime/', threads: 2 });
  const outcomes: Outcome[] = [];
  for await (const outcome of runCases(runtime, backendCases())) outcomes.push(outcome);
  return outcomes;
}

declare global {
  interface Window {
    runSuite: typeof runSuite;
  }
}

window.runSuite = runSuite;
