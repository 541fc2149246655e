/**
 * Seeded random numbers as plain functions of their key: `createRandom(seed, 'batch', 17)` is always the
 * same stream, whatever was drawn before. State never needs saving; a resumed run asks for the same key.
 *
 * @source sfc32: Chris Doty-Humphrey, PractRand; key mixing: MurmurHash3 finaliser (Appleby).
 */
export interface Random {
  /** Uniform in [0, 1) with 32 random bits. */
  readonly uniform: () => number;
  /** Normal with mean 0 and variance 1. */
  readonly normal: () => number;
  /** Uniform integer in [0, below). */
  readonly integer: (below: number) => number;
  /** A random order of 0 … count − 1. */
  readonly permutation: (count: number) => number[];
}

/** A random stream for this key; the same key gives the same stream on every machine. */
export function createRandom(...key: readonly (number | string)[]): Random {
  let [a, b, c] = hashKey(key.map(String).join('\u0000'));
  let counter = 1;

  const next = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return sum >>> 0;
  };
  for (let i = 0; i < 12; i++) next();

  const uniform = (): number => next() / 2 ** 32;
  const integer = (below: number): number => Math.floor(uniform() * below);
  return {
    uniform,
    integer,
    // Box–Muller; 1 − u keeps the logarithm finite.
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    permutation: (count) => {
      const order = Array.from({ length: count }, (_, i) => i);
      for (let i = count - 1; i > 0; i--) {
        const j = integer(i + 1);
        [order[i], order[j]] = [order[j]!, order[i]!];
      }
      return order;
    },
  };
}

function hashKey(text: string): [number, number, number] {
  const words: [number, number, number] = [0x9e3779b9, 0x243f6a88, 0xb7e15162];
  for (let i = 0; i < text.length; i++) {
    for (let w = 0; w < 3; w++) {
      words[w] = Math.imul(words[w]! ^ text.charCodeAt(i), 0x85ebca6b + 2 * w) ^ (words[w]! >>> 13);
    }
  }
  return words.map((word) => {
    let h = word ^ text.length;
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return h ^ (h >>> 16);
  }) as [number, number, number];
}
