import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fail } from '../src/base/errors.js';

/** One repetition of a piece of work. */
export interface Repetition {
  readonly seconds: number;
  /** Of all threads together, waiting in a loop for work included. */
  readonly processorSeconds: number;
  /** Largest resident memory of the process so far. */
  readonly peakBytes: number;
}

/** A process that has prepared one piece of work and repeats it on demand. */
export interface Contender<R = Repetition> {
  readonly version: string;
  readonly repeat: () => Promise<R>;
  readonly close: () => Promise<void>;
}

/**
 * Starts a process that speaks the protocol of worker.ts and peer.py, and warms it up.
 *
 * @throws UtadError not-supported when it does not start or stops in the middle.
 */
export async function startContender<R = Repetition>(
  command: string,
  args: readonly string[],
  work: { readonly name: string },
): Promise<Contender<R>> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = `${complaint}${text}`.slice(-2000);
  });
  const ended = new Promise<void>((resolve) => {
    child.once('error', (error) => {
      complaint = error.message;
      resolve();
    });
    child.once('close', () => resolve());
  });
  child.stdin.on('error', () => undefined);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const ask = async (question: string): Promise<unknown> => {
    child.stdin.write(`${question}\n`);
    const line = await lines.next();
    if (line.done) {
      await ended;
      fail('not-supported', {
        where: `${command} ${args.join(' ')}, ${work.name}`,
        expected: 'an answer',
        got: complaint.trim().split('\n').at(-1) ?? 'nothing',
      });
    }
    return JSON.parse(line.value);
  };
  const { version } = (await ask(JSON.stringify(work))) as { version: string };
  return {
    version,
    repeat: async () => (await ask('{}')) as R,
    close: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
