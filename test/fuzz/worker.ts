import { parentPort, workerData } from 'node:worker_threads';
import { emptyTally, type FuzzFailure, type FuzzTally, fuzz } from './fuzz.js';
import type { FuzzInput } from './target.js';
import { fuzzTargets } from './targets/index.js';

/** What a thread is asked to do. */
export interface FuzzWork {
  readonly name: string;
  readonly seed: number;
  readonly milliseconds: number;
  /** Counter of cases, bytes of the current input, the input. */
  readonly current: SharedArrayBuffer;
}

/** What a thread says now and then. */
export interface FuzzReport {
  readonly tally: FuzzTally;
  readonly failure?: FuzzFailure;
  /** Whether this is the last report. */
  readonly done: boolean;
}

/** Cases between reports. */
const batch = 2000;
/** After so many different failures there is enough to mend. */
const mostFailures = 10;

const { name, seed, milliseconds, current } = workerData as FuzzWork;
const target = fuzzTargets.find((one) => one.name === name)!;
const progress = new Int32Array(current, 0, 2);
const room = new Uint8Array(current, 8);

const onCase = (input: FuzzInput): void => {
  let filled = 0;
  for (const part of input) {
    room.set(part.subarray(0, room.length - filled), filled);
    filled += Math.min(part.length, room.length - filled);
  }
  Atomics.store(progress, 1, filled);
  Atomics.add(progress, 0, 1);
};

const tally = emptyTally();
const until = performance.now() + milliseconds;
const reasons = new Set<string>();
for (let round = 0; performance.now() < until && reasons.size < mostFailures; round++) {
  const request = { seed: seed + round, cases: batch, milliseconds: until - performance.now(), onCase };
  const failure = await fuzz(target, request, tally);
  const reason = failure?.reason.split('\n').slice(0, 3).join('\n');
  const isNew = reason !== undefined && !reasons.has(reason);
  if (isNew) reasons.add(reason);
  const report: FuzzReport = failure && isNew ? { tally, failure, done: false } : { tally, done: false };
  parentPort!.postMessage(report);
}
parentPort!.postMessage({ tally, done: true } satisfies FuzzReport);
target.close?.();
