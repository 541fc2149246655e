/**
 * A short name that two charts on a page do not share: of their class names or clip paths.
 *
 * @source Fowler, Noll, Vo: FNV-1a.
 */
export function hashOf(text: string): string {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return (hash >>> 0).toString(36);
}

/** A coordinate in an SVG, to a hundredth of a pixel. */
export function at(value: number): string {
  return String(Math.round(value * 100) / 100);
}
