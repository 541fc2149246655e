/** What placeholders stand for. */
export type NameBindings = Readonly<Partial<Record<'patient' | 'session', string>>>;

/** A part of a name's pattern: text, `*`, or a placeholder. */
type Part =
  | { readonly text: string }
  | { readonly any: true }
  | { readonly placeholder: 'patient' | 'session' };

/** The parts of a pattern such as `{patient}_*.nii.gz`. */
export function namePattern(pattern: string): readonly Part[] {
  const parts = pattern.split(/(\{patient\}|\{session\}|\*+)/).filter((part) => part !== '');
  return parts.map((part): Part => {
    if (part.startsWith('*')) return { any: true };
    if (part === '{patient}' || part === '{session}') {
      return { placeholder: part === '{patient}' ? 'patient' : 'session' };
    }
    return { text: part };
  });
}

/**
 * What the placeholders of a pattern stand for in a name, each for the shortest text that fits from the left; `*` stands
 * for any text. Work grows with the length of name and pattern, not with the number of ways to read them.
 *
 * @param bound what placeholders stand for already
 * @returns nothing where the pattern does not fit the whole name
 */
export function matchName(
  parts: readonly Part[],
  name: string,
  bound: NameBindings = {},
): NameBindings | undefined {
  // Where the rest of a pattern did not fit from a place once, with the same bindings, it does not later.
  const failed = new Set<string>();
  const goOn = (part: number, place: number, known: NameBindings): NameBindings | undefined => {
    const now = parts[part];
    if (now === undefined) return place === name.length ? known : undefined;
    const key = `${part} ${place} ${later(parts, part, known)}`;
    if (failed.has(key)) return undefined;
    const found = tryFrom(now, part, place, known);
    if (found === undefined) failed.add(key);
    return found;
  };
  const tryFrom = (now: Part, part: number, place: number, known: NameBindings): NameBindings | undefined => {
    const text = 'text' in now ? now.text : 'placeholder' in now ? known[now.placeholder] : undefined;
    if (text !== undefined)
      return name.startsWith(text, place) ? goOn(part + 1, place + text.length, known) : undefined;
    for (let end = place + (('any' in now) ? 0 : 1); end <= name.length; end++) {
      const next = 'placeholder' in now ? { ...known, [now.placeholder]: name.slice(place, end) } : known;
      const found = goOn(part + 1, end, next);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return goOn(0, 0, bound);
}

/** What the placeholders of a pattern's rest stand for: all that bindings change in whether it fits. */
function later(parts: readonly Part[], from: number, known: NameBindings): string {
  const names = parts.slice(from).flatMap((part) => ('placeholder' in part ? [part.placeholder] : []));
  return names.map((name) => known[name] ?? '/').join('/');
}
