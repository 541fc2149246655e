import { type Contender, type Repetition, startContender } from './contender.js';
import type { Work } from './works.js';

/** Figures of one piece of work; the peer's are absent where PyTorch is. */
export interface Comparison {
  readonly work: Work;
  readonly ours: Figures;
  readonly peer: Figures | null;
  /** Median of the ratios of neighbouring repetitions, ours / peer. */
  readonly ratio: number | null;
  /** The same of the processor's time: on one thread other work leaves it nearly alone. */
  readonly processorRatio: number | null;
}

/** Medians over the repetitions. */
interface Figures {
  readonly seconds: number;
  readonly processorSeconds: number;
  readonly peakBytes: number;
}

/** How to start the two sides. */
export interface Sides {
  readonly ours: readonly [command: string, ...args: string[]];
  readonly peer: readonly [command: string, ...args: string[]] | null;
}

/**
 * Times both sides at one piece of work, one after the other and again, so that what else the machine does
 * falls on both.
 *
 * @param seconds how long to go on, at least three rounds
 */
export async function compare(work: Work, sides: Sides, seconds: number): Promise<Comparison> {
  const start = ([command, ...args]: readonly [string, ...string[]]): Promise<Contender> =>
    startContender(command, args, work);
  const ours = await start(sides.ours);
  const peer = sides.peer === null ? null : await start(sides.peer);
  const rounds: { ours: Repetition; peer: Repetition | null }[] = [];
  try {
    const until = performance.now() + seconds * 1000;
    while (rounds.length < 3 || performance.now() < until)
      rounds.push({ ours: await ours.repeat(), peer: peer === null ? null : await peer.repeat() });
  } finally {
    await Promise.all([ours.close(), peer?.close()]);
  }
  const theirs = rounds.flatMap((round) => round.peer ?? []);
  const ratioOf = (measure: 'seconds' | 'processorSeconds'): number | null =>
    theirs.length === 0 ? null : median(rounds.map((round) => round.ours[measure] / round.peer![measure]));
  return {
    work,
    ours: figures(rounds.map((round) => round.ours)),
    peer: theirs.length === 0 ? null : figures(theirs),
    ratio: ratioOf('seconds'),
    processorRatio: ratioOf('processorSeconds'),
  };
}

function figures(repetitions: readonly Repetition[]): Figures {
  return {
    seconds: median(repetitions.map((one) => one.seconds)),
    processorSeconds: median(repetitions.map((one) => one.processorSeconds)),
    peakBytes: Math.max(...repetitions.map((one) => one.peakBytes)),
  };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
