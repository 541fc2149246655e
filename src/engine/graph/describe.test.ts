import { describe, expect, it } from 'vitest';
import { costRules } from './cost-rules.js';
import { describeGraph, printGraph } from './describe.js';
import { gradientRules } from './gradient-rules.js';
import { createGraph } from './graph.js';
import * as ops from './operations.js';

const x = ops.input('x', [1, 2, 4, 4]);
const kernel = ops.input('net.first.weight', [3, 2, 3, 3], 'parameter');
const graph = createGraph('small', {
  y: ops.leakyRelu(ops.convolution(x, kernel, { stride: 1, padding: 1 }), 0.1),
});

describe('a graph', () => {
  it('is counted: operations, parameters, floating-point operations', () => {
    expect(describeGraph(graph)).toEqual({
      name: 'small',
      nodes: 4,
      operations: { input: 2, convolution: 1, leakyRelu: 1 },
      parameters: { 'net.first': 54 },
      // 3·16 outputs of 18 products each, and two operations a value of the activation
      flops: 2 * 48 * 18 + 2 * 48,
    });
  });

  it('is printed, one line a node', () => {
    expect(printGraph(graph).split('\n')).toEqual([
      'graph small',
      '%0 = input() [1×2×4×4] name=x kind=data',
      '%1 = input() [3×2×3×3] name=net.first.weight kind=parameter',
      '%2 = convolution(%0, %1) [1×3×4×4] stride=1 padding=1',
      '%3 = leakyRelu(%2) [1×3×4×4] slope=0.1',
      'outputs',
      'y = %3',
    ]);
  });

  it('costs the same in all three convolutions of the family', () => {
    const g = ops.input('g', [1, 3, 4, 4]);
    const setting = { stride: 1, padding: 1 };
    const family = [
      ops.convolution(x, kernel, setting),
      ops.convolutionInputGradient(g, kernel, { ...setting, inputSize: [4, 4] }),
      ops.convolutionKernelGradient(x, g, { ...setting, kernelSize: 3 }),
    ];
    expect(family.map((y) => describeGraph(createGraph('one', { y })).flops)).toEqual([1728, 1728, 1728]);
  });

  it('has a cost rule for every operation', () => {
    expect(Object.keys(costRules).sort()).toEqual(Object.keys(gradientRules).sort());
  });
});
