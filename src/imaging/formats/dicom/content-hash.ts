/**
 * A number of 64 bits that differs, in all likelihood, for files of different content. It finds copies; it is no
 * safeguard against someone who wants two files to look the same.
 *
 * @source after MurmurHash3 (Appleby, 2011): every word is mixed in by a rotation and a multiplication, here in two lanes.
 */
export function contentHash(bytes: Uint8Array): string {
  const words = Math.floor(bytes.length / 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let a = bytes.length;
  let b = ~bytes.length;
  const mix = (word: number): void => {
    const left = a ^ word;
    const right = b ^ word;
    a = Math.imul((left << 13) | (left >>> 19), 0xcc9e2d51);
    b = Math.imul((right << 15) | (right >>> 17), 0x1b873593);
  };
  for (let word = 0; word < words; word++) mix(view.getUint32(4 * word, true));
  for (let at = 4 * words; at < bytes.length; at++) mix(bytes[at]!);
  return `${(a >>> 0).toString(16)}-${(b >>> 0).toString(16)}`;
}
