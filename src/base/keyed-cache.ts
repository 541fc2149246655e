/** Keeps what was opened last open until something else is asked for. */
export interface KeyedCache<Request, Tool> {
  /** The tool for a request: the one that is open where its key is the same, else a new one. */
  readonly open: (request: Request) => Promise<Tool>;
  /** Closes what is open. */
  readonly close: () => Promise<void>;
}

/**
 * A cache of one tool that is costly to open, such as a loaded model.
 *
 * @param keyOf what of a request decides which tool it needs, as JSON
 * @param open opens the tool; the one before it is closed by then
 */
export function keyedCache<Request, Tool extends { readonly close: () => Promise<void> }>(
  keyOf: (request: Request) => unknown,
  open: (request: Request) => Promise<Tool>,
): KeyedCache<Request, Tool> {
  let opened: { readonly key: string; readonly tool: Tool } | undefined;
  const close = async (): Promise<void> => {
    const { tool } = opened ?? {};
    opened = undefined;
    await tool?.close();
  };
  return {
    open: async (request) => {
      const key = JSON.stringify(keyOf(request));
      if (opened?.key !== key) {
        await close();
        opened = { key, tool: await open(request) };
      }
      return opened.tool;
    },
    close,
  };
}
