import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';
import { runPrivilegedLesson } from './privileged-lesson.js';

const result = await runPrivilegedLesson(createNodeRuntime('cpu', { threads: 1 }), 300);
for (const [who, error] of Object.entries(result))
  console.log(`${who.padEnd(9)} mean absolute error ${error.toFixed(3)}`);
