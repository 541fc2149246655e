import type { Command, Option } from 'commander';

/** The options that a person gave in a call, not those that have their usual value. */
export function givenOptions(command: Command): Option[] {
  return command.options.filter((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
}

/** An option as a message names it: `--seed`. */
export function nameOf({ long, short, flags }: Option): string {
  return long ?? short ?? flags;
}
