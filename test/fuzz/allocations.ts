const constructors = [
  'Array',
  'ArrayBuffer',
  'Int8Array',
  'Uint8Array',
  'Uint8ClampedArray',
  'Int16Array',
  'Uint16Array',
  'Int32Array',
  'Uint32Array',
  'Float32Array',
  'Float64Array',
  'BigInt64Array',
  'BigUint64Array',
] as const;

/** A parser asked for more memory than its input can be worth. */
export class AllocationError extends Error {
  override readonly name = 'AllocationError';
}

/**
 * Runs something while arrays count how much they ask for, and refuse what goes beyond.
 *
 * @throws AllocationError also when the work itself caught it.
 */
export async function withAllocationLimit<T>(maximumBytes: number, work: () => T): Promise<Awaited<T>> {
  const scope = globalThis as unknown as Record<string, new (...args: unknown[]) => object>;
  const originals = constructors.map((name) => [name, scope[name]!] as const);
  let asked = 0;
  let refused: AllocationError | undefined;
  const count = (bytes: number): void => {
    if (!(bytes > 0)) return;
    asked += bytes;
    if (asked <= maximumBytes) return;
    refused ??= new AllocationError(`asks for ${asked} bytes, more than ${maximumBytes}`);
    throw refused;
  };
  for (const [name, original] of originals) {
    const width = (original as unknown as { BYTES_PER_ELEMENT?: number }).BYTES_PER_ELEMENT;
    scope[name] = new Proxy(original, {
      construct: (target, args, newTarget) => {
        count(bytesAsked(args, width ?? (name === 'Array' ? 8 : 1)));
        return Reflect.construct(target, args, newTarget) as object;
      },
    });
  }
  try {
    return await work();
  } finally {
    for (const [name, original] of originals) scope[name] = original;
    // biome-ignore lint/correctness/noUnsafeFinally: a refusal that the work swallowed must not get lost
    if (refused !== undefined) throw refused;
  }
}

/** Views of a buffer cost nothing; a length or a list costs its elements. */
function bytesAsked(args: readonly unknown[], width: number): number {
  const [first] = args;
  if (typeof first === 'number') return args.length === 1 ? first * width : 0;
  if (typeof first !== 'object' || first === null || 'byteLength' in first === ArrayBuffer.isView(first)) {
    const length = (first as { length?: unknown } | null | undefined)?.length;
    return typeof length === 'number' ? length * width : 0;
  }
  return 0;
}
