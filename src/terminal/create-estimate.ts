/** An estimate of the time left needs so many milliseconds, and such a share of the work, after the first unit. */
const leastToEstimate = { ms: 3000, share: 0.01 };

/**
 * Estimates the seconds left from the speed since the first unit, which takes longer than the others: something is opened
 * for it. Null until there is something to estimate from.
 */
export function createEstimate(total: number, alreadyDone = 0): (done: number, now: number) => number | null {
  let first: { readonly done: number; readonly at: number } | undefined;
  return (done, now) => {
    if (done <= alreadyDone) return null;
    first ??= { done, at: now };
    const [worked, ms] = [done - first.done, now - first.at];
    if (ms < leastToEstimate.ms || worked <= leastToEstimate.share * total) return null;
    return ((ms / worked) * (total - done)) / 1000;
  };
}
