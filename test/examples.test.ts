import { expect, it } from 'vitest';
import { runPrivilegedLesson } from '../examples/privileged-lesson.js';
import { createNodeRuntime } from '../src/engine/runtime.node.js';

it('a student learns from a teacher that is given more, with networks and inputs of another kind', async () => {
  const result = await runPrivilegedLesson(createNodeRuntime('cpu', { threads: 1 }), 150);
  // Noise of deviation 0.4 has a mean absolute value of 0.4·√(2/π).
  expect(result.noisy).toBeGreaterThan(0.3);
  expect(result.noisy).toBeLessThan(0.34);
  // The student never saw a clean picture, and yet it removes most of the noise; with four acquisitions more goes.
  expect(result.student).toBeLessThan(0.45 * result.noisy);
  expect(result.student).toBeLessThan(0.5 * result.untaught);
  expect(result.teacher).toBeLessThan(result.student);
  expect(result.teacher).toBeGreaterThan(0.005);
});
