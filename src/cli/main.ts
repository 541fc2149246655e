#!/usr/bin/env node
import { CommanderError } from 'commander';
import { UtadError } from '../base/errors.js';
import { guardStream } from '../terminal/guard-stream.js';
import { utadProgram } from './program.js';
import { stopStatus } from './stoppable.js';

/** Exit status of a defect, as in BSD's sysexits.h (EX_SOFTWARE). */
const defect = 70;

async function main(argv: readonly string[]): Promise<number> {
  try {
    const program = await utadProgram(argv.slice(2));
    await program.parseAsync([...argv]);
    return typeof process.exitCode === 'number' ? process.exitCode : 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    if (error instanceof UtadError) {
      console.error(`utad: ${error.message}`);
      return error.code === 'interrupted' ? stopStatus() : 1;
    }
    const { systemRefusal } = await import('../base/system-refusal.node.js');
    const system = systemRefusal(error);
    if (system !== undefined) {
      console.error(`utad: ${system.message}`);
      return 1;
    }
    console.error('utad: a defect of this program, please report it:');
    console.error(error);
    return defect;
  }
}

/** Who reads the output may stop early (`utad inspect … | head`), or the terminal is closed: the work goes on. */
const readerIsGone = ['EPIPE', 'EIO', 'ENXIO', 'EBADF'];
for (const stream of [process.stdout, process.stderr]) {
  guardStream(stream);
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (!readerIsGone.includes(error.code ?? '')) throw error;
  });
}

process.exitCode = await main(process.argv);
