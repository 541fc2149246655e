#!/usr/bin/env node
import { type Command, CommanderError } from 'commander';
import { UtadError } from '../base/errors.js';
import { guardStream } from '../terminal/guard-stream.js';
import { utadProgram } from './program.js';
import { endOnSignals, stopStatus } from './stoppable.js';

/** Exit statuses; those of a command's own findings are its own. README lists them. */
const exitStatus = {
  refusal: 1,
  wrongCall: 2,
  /** As in BSD's sysexits.h (EX_SOFTWARE). */
  defect: 70,
} as const;

async function main(words: readonly string[]): Promise<number> {
  let program: Command | undefined;
  try {
    program = await utadProgram(words);
    await program.parseAsync([...words], { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError && program !== undefined) {
      if (error.exitCode === 0) return 0;
      // Without words or with `utad help x` the help itself is the answer.
      if (error.code !== 'commander.help')
        console.error((await import('./call-error.js')).describeCallError(error, program, words));
      return exitStatus.wrongCall;
    }
    if (error instanceof UtadError) {
      console.error(`utad: ${error.message}`);
      if (error.code === 'interrupted') return stopStatus();
      return isWrongCall(error) ? exitStatus.wrongCall : exitStatus.refusal;
    }
    const { systemRefusal } = await import('../base/system-refusal.node.js');
    const system = systemRefusal(error);
    if (system !== undefined) {
      console.error(`utad: ${system.message}`);
      return exitStatus.refusal;
    }
    console.error('utad: a defect of this program, please report it:');
    console.error(error);
    return exitStatus.defect;
  }
}

/** Whether the words of the call are wrong, and not what they name. */
function isWrongCall({ code }: UtadError): boolean {
  return code === 'bad-argument' || code === 'bad-configuration';
}

/** Who reads the output may stop early (`utad inspect … | head`), or the terminal is closed: the work goes on. */
const readerIsGone = ['EPIPE', 'EIO', 'ENXIO', 'EBADF'];
for (const stream of [process.stdout, process.stderr]) {
  guardStream(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!readerIsGone.includes(error.code ?? '')) throw error;
  });
}

// Until a command takes the signals itself there is nothing to save.
endOnSignals();

process.exitCode = await main(process.argv.slice(2));
