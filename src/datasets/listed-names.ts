import { shortened } from '../base/printable.js';

/** How many names a message lists, and how long each may be. */
const most = { names: 5, characters: 80 } as const;

/** Names for a message: the first few, and how many more there are. */
export function listed(names: readonly string[]): string {
  const some = names.slice(0, most.names).map((name) => shortened(name, most.characters));
  return names.length > most.names
    ? `${some.join(', ')} and ${names.length - most.names} more`
    : some.join(', ');
}
