import { UtadError } from '../../src/base/errors.js';
import type { Answer, Failure, Question } from './channel.js';

/** What a worker answers, and the memory that moves with the answer. */
export interface Served<Result> {
  readonly result: Result;
  readonly transfer?: readonly Transferable[];
}

/** Tells the page something before the answer is there. */
export type Tell<News> = (news: News, transfer?: readonly Transferable[]) => void;

/** Functions that a worker offers, by name. */
export type Handlers = Readonly<
  // biome-ignore lint/suspicious/noExplicitAny: each function has types of its own, which `connect` takes over.
  Record<string, (argument: any, tell: Tell<any>) => Promise<Served<unknown>>>
>;

/** The part of a worker's own scope that serving needs. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<Question>) => void) | null;
  readonly postMessage: (message: Answer, transfer: Transferable[]) => void;
}

/** Answers the page's questions, several at a time. */
export function serve(scope: WorkerScope, handlers: Handlers): void {
  const answer = async ({ id, name, argument }: Question): Promise<void> => {
    try {
      const handler = handlers[name]!;
      const tell: Tell<unknown> = (news, transfer = []) =>
        scope.postMessage({ id, kind: 'news', news }, [...transfer]);
      const { result, transfer = [] } = await handler(argument, tell);
      scope.postMessage({ id, kind: 'result', result }, [...transfer]);
    } catch (error) {
      scope.postMessage({ id, kind: 'failure', failure: failureOf(error) }, []);
    }
  };
  scope.onmessage = ({ data }) => void answer(data);
}

/** What the page gets of an error. */
export function failureOf(error: unknown): Failure {
  if (error instanceof UtadError) return { known: true, code: error.code, ...error.detail };
  const got = error instanceof Error ? error.message : String(error);
  return { known: false, code: 'defect', where: 'This page', expected: 'to finish its work', got };
}
