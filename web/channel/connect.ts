import { type Answer, type Failure, WorkFailure } from './channel.js';
import type { Handlers, Served, Tell } from './serve.js';

type ResultOf<Handler> = Handler extends (...args: never) => Promise<Served<infer Result>> ? Result : never;
type NewsOf<Handler> = Handler extends (argument: never, tell: Tell<infer News>) => unknown ? News : never;
type ArgumentOf<Handler> = Handler extends (argument: infer Argument, ...rest: never) => unknown
  ? Argument
  : never;

/** A worker with its functions; ending it frees all its memory and rejects what it was asked. */
export interface Connection<Offered extends Handlers> {
  readonly ask: <Name extends keyof Offered & string>(
    name: Name,
    argument: ArgumentOf<Offered[Name]>,
    onNews?: (news: NewsOf<Offered[Name]>) => void,
  ) => Promise<ResultOf<Offered[Name]>>;
  readonly end: () => void;
}

interface Pending {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: WorkFailure) => void;
  readonly onNews: ((news: never) => void) | undefined;
}

/** Talks to a worker that `serve` answers for. */
export function connect<Offered extends Handlers>(worker: Worker): Connection<Offered> {
  const pending = new Map<number, Pending>();
  let [next, ended] = [1, false];
  const rejectAll = (failure: Failure): void => {
    for (const { reject } of pending.values()) reject(new WorkFailure(failure));
    pending.clear();
  };
  worker.onmessage = ({ data }: MessageEvent<Answer>) => {
    const asked = pending.get(data.id);
    if (asked === undefined) return;
    if (data.kind === 'news') {
      asked.onNews?.(data.news as never);
      return;
    }
    pending.delete(data.id);
    if (data.kind === 'result') asked.resolve(data.result as never);
    else asked.reject(new WorkFailure(data.failure));
  };
  worker.onerror = (event) => {
    const got = event.message || 'a worker that broke off';
    rejectAll({ known: false, code: 'defect', where: 'This page', expected: 'a worker that runs', got });
  };
  return {
    ask: (name, argument, onNews) =>
      new Promise((resolve, reject) => {
        if (ended) return reject(new WorkFailure(endedFailure));
        const id = next++;
        pending.set(id, {
          resolve: resolve as Pending['resolve'],
          reject,
          onNews: onNews as Pending['onNews'],
        });
        worker.postMessage({ id, name, argument });
      }),
    end: () => {
      ended = true;
      worker.terminate();
      rejectAll(endedFailure);
    },
  };
}

const endedFailure: Failure = {
  known: true,
  code: 'interrupted',
  where: 'This work',
  stopped: 'because it was cancelled',
};
