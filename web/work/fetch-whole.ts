import { concatenate } from '../../src/base/bytes.js';
import { fail } from '../../src/base/errors.js';

/**
 * Fetches a file of the page's own host.
 *
 * @param onShare called with how much is there, 0 to 1, or null where the host does not say how long it is
 * @throws UtadError not-found or io.
 */
export async function fetchWhole(
  address: string,
  onShare: (share: number | null) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(address).catch((cause: unknown) =>
    fail(
      'io',
      {
        where: address,
        expected: 'a file',
        got: 'no answer',
        todo: 'Check that the page’s server still runs.',
      },
      { cause },
    ),
  );
  if (!response.ok || response.body === null)
    return fail('not-found', { where: address, expected: 'a file', got: `status ${response.status}` });
  // Packed transfers say how long the packed file is, not this one.
  const packed = response.headers.get('content-encoding') !== null;
  const length = packed ? 0 : Number(response.headers.get('content-length') ?? 0);
  const parts: Uint8Array[] = [];
  let done = 0;
  const reader = response.body.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    done += part.value.length;
    onShare(length > 0 ? Math.min(1, done / length) : null);
  }
  return concatenate(parts);
}
