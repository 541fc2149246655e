import { describe, expect, it } from 'vitest';
import { createRandom } from './random.js';

const draw = (count: number, next: () => number): number[] => Array.from({ length: count }, next);

describe('createRandom', () => {
  it('gives the same numbers for the same key and others for another', () => {
    const [a, b, c] = [createRandom(1, 'x'), createRandom(1, 'x'), createRandom(1, 'y')].map(({ uniform }) =>
      draw(5, uniform),
    );
    expect(b).toEqual(a);
    expect(c).not.toEqual(a);
    expect(createRandom(1, 11).uniform()).not.toBe(createRandom(11, 1).uniform());
  });

  it('keeps its numbers from version to version, since runs are resumed', () => {
    expect(draw(3, createRandom(7, 'epoch', 0).uniform)).toMatchInlineSnapshot(`
      [
        0.6523002723697573,
        0.21931097703054547,
        0.8017857731319964,
      ]
    `);
  });

  it('is uniform and normal to what 20 000 draws can tell', () => {
    const random = createRandom('moments');
    const uniform = draw(20_000, random.uniform);
    const normal = draw(20_000, random.normal);
    const mean = (values: number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
    expect(Math.abs(mean(uniform) - 0.5)).toBeLessThan(0.01);
    expect(Math.abs(mean(uniform.map((v) => (v - 0.5) ** 2)) - 1 / 12)).toBeLessThan(0.002);
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(Math.abs(mean(normal.map((v) => v * v)) - 1)).toBeLessThan(0.05);
  });

  it('permutes: every number once, every order as likely', () => {
    expect(
      createRandom(3)
        .permutation(50)
        .sort((a, b) => a - b),
    ).toEqual(Array.from({ length: 50 }, (_, i) => i));
    const orders = new Map<string, number>();
    for (let i = 0; i < 6000; i++) {
      const order = createRandom('orders', i).permutation(3).join('');
      orders.set(order, (orders.get(order) ?? 0) + 1);
    }
    expect(orders.size).toBe(6);
    for (const count of orders.values()) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
