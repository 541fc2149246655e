import type { Command, CommanderError } from 'commander';
import { didYouMean } from '../base/read-configuration.js';

/**
 * What is wrong with a call, for a person. An option that does not exist is said before one that is missing: it may be the
 * missing one, mistyped.
 *
 * @param words what stands behind `utad`
 */
export function describeCallError(
  { code, message }: CommanderError,
  program: Command,
  words: readonly string[],
): string {
  const command = calledCommand(program, words);
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  const unknown = words
    .map((word) => word.split('=', 1)[0]!)
    .find((word) => /^--\w/.test(word) && ![...known, '--help', '--version'].includes(word));
  const text =
    code === 'commander.missingMandatoryOptionValue' && unknown !== undefined
      ? `error: unknown option '${unknown}'${suggestion(unknown, command)}`
      : message;
  return `${text}\n(${nameOf(command)} --help lists ${command.parent === null ? 'the commands' : 'the options'})`;
}

function suggestion(word: string, command: Command): string {
  const visible = command.options.filter(({ hidden }) => !hidden).flatMap(({ long }) => long ?? []);
  const { todo } = didYouMean(word, visible);
  return todo === undefined ? '' : `\n(${todo})`;
}

/** The command that the words name, or the one whose commands none of them is. */
function calledCommand(program: Command, words: readonly string[]): Command {
  let command = program;
  for (const word of words) {
    const next = command.commands.find((one) => one.name() === word);
    if (next === undefined) break;
    command = next;
  }
  return command;
}

function nameOf(command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`;
}
