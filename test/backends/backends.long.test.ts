import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareWithReference, type Outcome, runCases } from '../../src/engine/devices/self-test.js';
import { evaluateReference } from '../../src/engine/graph/reference.js';
import { createNodeRuntime } from '../../src/engine/runtime/runtime.node.js';
import { openSuite, type SuiteBrowser } from './browser.js';
import { backendCases, wholePrograms } from './cases.js';
import { findChromium, findSwiftShader } from './chromium.js';

/** Largest error of an operation in float32, relative to the largest value (at least 1): some hundred products. */
const operationTolerance = 3e-5;
/** Largest error of a loss: means over some thousand values, each small beside 1. */
const lossTolerance = 1e-4;
/**
 * Largest error of a gradient, relative to its largest value: one value that rounding moves over the kink of a leaky
 * ReLU or to another place of a pooling changes it by about 0.01. An operator that is wrong changes it by 0.1 and more.
 */
const gradientTolerance = 0.03;
/** Gradients smaller than this count as this large: they are sums in which thousands of larger products cancel. */
const gradientFloor = 0.01;

const cases = backendCases();
const whole = new Set(wholePrograms().map(({ name }) => name));
const expected = new Map<string, Record<string, Float64Array>>();

const chromium = findChromium();
const swiftShader = findSwiftShader();
const isGpuWanted = process.env['UTAD_TEST_GPU'] === '1';
let browser: SuiteBrowser;

beforeAll(async () => {
  for (const { name, graph, inputs } of cases) expected.set(name, evaluateReference(graph, inputs));
  if (chromium !== null) browser = await openSuite(chromium);
});
afterAll(() => browser?.close());

async function runInNode(device: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for await (const outcome of runCases(createNodeRuntime(device), cases)) outcomes.push(outcome);
  return outcomes;
}

/** The backends, each with what it lacks here; null when it can be tested. */
const backends: readonly [title: string, missing: string | null, run: () => Promise<Outcome[]>][] = [
  ['the CPU in Node', null, () => runInNode('cpu')],
  [
    'WebGPU in Node',
    swiftShader === null && !isGpuWanted ? "SwiftShader, which Debian's chromium package has" : null,
    () => {
      if (!isGpuWanted) process.env['VK_ICD_FILENAMES'] = swiftShader!;
      return runInNode('webgpu');
    },
  ],
  ['WebAssembly in Chromium', chromium === null ? 'Chromium' : null, () => browser.run('wasm')],
  ['WebGPU in Chromium', chromium === null ? 'Chromium' : null, () => browser.run('webgpu')],
];

for (const [title, missing, run] of backends) {
  const note = missing === null ? '' : ` (skipped: this machine lacks ${missing})`;
  describe.skipIf(missing !== null)(`${title}${note}`, () => {
    let outcomes: ReadonlyMap<string, Outcome>;
    beforeAll(async () => {
      outcomes = new Map((await run()).map((outcome) => [outcome.name, outcome]));
    });

    it.each(cases.map(({ name }) => name))('computes as the reference does: %s', (name) => {
      const outcome = outcomes.get(name)!;
      if (!whole.has(name)) {
        expect(
          compareWithReference(outcome, expected.get(name)!, { tolerance: operationTolerance }).failure,
        ).toBeNull();
        return;
      }
      const all = Object.entries(expected.get(name)!);
      const exact = all.filter(([output]) => !output.startsWith('next.'));
      const learnt = all.filter(([output]) => output.startsWith('next.'));
      expect(
        compareWithReference(outcome, Object.fromEntries(exact), { tolerance: lossTolerance, floor: 0.1 })
          .failure,
      ).toBeNull();
      expect(
        compareWithReference(outcome, Object.fromEntries(learnt), {
          tolerance: gradientTolerance,
          floor: gradientFloor,
        }).failure,
      ).toBeNull();
    });
  });
}

it.skipIf(chromium === null)('asks nothing of other servers in the browser', () => {
  expect(browser.foreignRequests).toEqual([]);
});
