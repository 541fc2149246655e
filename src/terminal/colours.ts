import pc from 'picocolors';

/**
 * Whether text for a stream carries colours: what the person asks for (https://no-color.org, https://force-color.org),
 * else whether a terminal shows it. A pipe or a file gets plain text, on a build server too.
 */
export function wantsColours(
  { isTTY }: { readonly isTTY?: boolean },
  { NO_COLOR, FORCE_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean {
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined && FORCE_COLOR !== '') return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return isTTY === true && TERM !== 'dumb';
}

/** Colours for what goes to standard output. */
export const outputColours = pc.createColors(wantsColours(process.stdout, process.env));

/** Colours for what goes to the error stream: progress, warnings. */
export const noticeColours = pc.createColors(wantsColours(process.stderr, process.env));
