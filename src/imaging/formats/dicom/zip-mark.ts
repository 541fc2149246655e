/** Before each entry of a ZIP. @source APPNOTE.TXT, ZIP File Format Specification (PKWARE), 4.3.7. */
export const localHeader = 0x04034b50;
/** Before the end of a ZIP's directory, where an empty one begins. @source as above, 4.3.16. */
export const endOfDirectory = 0x06054b50;

/** Whether the bytes begin as a ZIP does. */
export function isZip(bytes: Uint8Array): boolean {
  if (bytes.length < 4) return false;
  const mark = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
  return mark === localHeader || mark === endOfDirectory;
}
