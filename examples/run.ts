import { createNodeRuntime } from '../src/engine/runtime/runtime.node.js';
import { runPrivilegedDistillation } from './privileged-distillation.js';

const result = await runPrivilegedDistillation(createNodeRuntime('cpu', { threads: 1 }), 300);
for (const [who, error] of Object.entries(result))
  console.log(`${who.padEnd(9)} mean absolute error ${error.toFixed(3)}`);
