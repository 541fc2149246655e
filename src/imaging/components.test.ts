import fc from 'fast-check';
import { expect, it } from 'vitest';
import { withoutHoles } from './components.js';

/** What a flood from the border does not reach, the slow and plain way. */
function filledPlainly(mask: Uint8Array, [ni, nj, nk]: readonly [number, number, number]): Uint8Array {
  const open = new Uint8Array(mask.length);
  for (let changed = true; changed; ) {
    changed = false;
    for (let at = 0; at < mask.length; at++) {
      if (mask[at] || open[at]) continue;
      const [i, j, k] = [at % ni, Math.floor(at / ni) % nj, Math.floor(at / (ni * nj))];
      const border = i === 0 || j === 0 || k === 0 || i === ni - 1 || j === nj - 1 || k === nk - 1;
      const beside = [at - 1, at + 1, at - ni, at + ni, at - ni * nj, at + ni * nj];
      if (!border && !beside.some((next) => open[next])) continue;
      open[at] = 1;
      changed = true;
    }
  }
  return open.map((one) => 1 - one);
}

it('fills what a mask encloses on all sides and nothing else', () => {
  const side = fc.integer({ min: 1, max: 7 });
  fc.assert(
    fc.property(
      fc.tuple(side, side, side),
      fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
      (size, random) => {
        const mask = Uint8Array.from({ length: size[0] * size[1] * size[2] }, () =>
          Number((random.next().value as number) > 2),
        );
        expect(withoutHoles(mask, size)).toEqual(filledPlainly(mask, size));
      },
    ),
  );
});
