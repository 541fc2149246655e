/** The largest number that half precision holds. */
export const largestHalf = 65504;

/**
 * A number in half precision, as its 16 bits.
 *
 * @source IEEE 754-2008 binary16; ties go to the even neighbour.
 */
export function numberToHalf(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(size)) return 0x7e00;
  // Halfway to the next step beyond the largest rounds to infinity.
  if (size >= largestHalf + 16) return sign | 0x7c00;
  // Below 2⁻¹⁴ steps are 2⁻²⁴ wide; above, 1024 to each doubling.
  const exponent = size < 2 ** -14 ? -14 : Math.floor(Math.log2(size));
  const steps = roundToEven(size / 2 ** (exponent - 10));
  // 2048 steps, or 1024 of the smallest numbers, are the first of the next doubling: the sum carries over.
  return sign | (size < 2 ** -14 ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

/** The number that 16 bits in half precision stand for. @source IEEE 754-2008 binary16. */
export function halfToNumber(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function roundToEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}
