import { printableLines, shortened } from './printable.js';

/** What went wrong, in a word that scripts can match. */
export type ErrorCode =
  | 'bad-argument'
  | 'bad-configuration'
  | 'bad-file'
  | 'bad-shape'
  | 'bad-value'
  | 'busy'
  | 'io'
  | 'not-found'
  | 'not-supported'
  | 'interrupted'
  | 'diverged'
  | 'exists';

/** A value is wrong: *where: expected …, got …. What to do.* */
export interface WrongValue {
  /** The file, option, field or function concerned. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What was found instead. */
  readonly got: string;
  /** What the person can do about it, as a sentence. */
  readonly todo?: string;
  /** The parameter that would settle it; a command says which of its options that is. */
  readonly parameter?: string;
}

/** No single value is wrong, but the work cannot be done: *where: problem. What to do.* */
export interface Refusal {
  /** The file, option or command concerned. */
  readonly where: string;
  /** Why it is refused, in lower case and without a full stop: `another process trains this run`. */
  readonly problem: string;
  /** What the person can do about it, as a sentence. */
  readonly todo?: string;
}

/** Work that was asked to stop: *where: stopped; run it again to continue.* */
export interface Stop {
  /** The command or the work concerned. */
  readonly where: string;
  /** How far it was, or why, to stand after “stopped”: `after 3 of 10 patients`. */
  readonly stopped?: string;
  /** How it goes on, in lower case and without a full stop; see {@link runAgain}. */
  readonly todo?: string;
}

/** The parts of a message, in one of three forms: {@link WrongValue}, {@link Refusal} and {@link Stop}. */
export type ErrorDetail = WrongValue | Refusal | Stop;

/** How most stopped work goes on. */
export const runAgain = 'run it again to continue';

/** The one error that this library throws on purpose; anything else is a defect. */
export class UtadError extends Error {
  /** `AbortError` where a signal without a reason of its own stopped the work, as programs expect it. */
  override readonly name: 'UtadError' | 'AbortError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail, options?: ErrorOptions) {
    super(messageOf(detail), options);
    this.name = code === 'interrupted' && isAbortError(options?.cause) ? 'AbortError' : 'UtadError';
    this.code = code;
    this.detail = detail;
  }
}

/** Whether a value is what `AbortController.abort()` gives as the reason where nobody gave one. */
export function isAbortError(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'AbortError';
}

/** Throws a {@link UtadError} for a wrong value; usable as an expression. */
export function fail(code: ErrorCode, detail: WrongValue, options?: ErrorOptions): never {
  throw new UtadError(code, detail, options);
}

/** Throws a {@link UtadError} for work that cannot be done; usable as an expression. */
export function refuse(code: ErrorCode, detail: Refusal, options?: ErrorOptions): never {
  throw new UtadError(code, detail, options);
}

/** Throws a {@link UtadError} `interrupted` for work that was asked to stop; usable as an expression. */
export function stop(detail: Stop, options?: ErrorOptions): never {
  throw new UtadError('interrupted', detail, options);
}

/** What is wrong, without where and what to do: `expected …, got …`, the problem, or `stopped`. */
export function explanationOf(detail: ErrorDetail): string {
  if ('got' in detail) return `expected ${detail.expected}, got ${detail.got}`;
  return problemOf(detail);
}

/** What was found, without what had been expected: what was got, the problem, or `stopped`. */
export function problemOf(detail: ErrorDetail): string {
  if ('got' in detail) return detail.got;
  if ('problem' in detail) return detail.problem;
  return ['stopped', ...(detail.stopped === undefined ? [] : [detail.stopped])].join(' ');
}

/** Characters of each part of a message, so that a hostile value does not fill the screen. */
const longest = { where: 240, explanation: 1340, todo: 400 } as const;

/** Where, what is wrong and what to do: bounded, and without what would act on a terminal. */
function messageOf(detail: ErrorDetail): string {
  const where = shortened(printableLines(detail.where), longest.where);
  const explanation = shortened(printableLines(explanationOf(detail)), longest.explanation);
  const todo = detail.todo === undefined ? '' : shortened(printableLines(detail.todo), longest.todo);
  return `${where}: ${sentence(detail, explanation, todo)}`;
}

/** All but where: what is wrong and what to do, as sentences in lower case. */
export function sentencesOf(detail: ErrorDetail): string {
  return sentence(detail, explanationOf(detail), detail.todo ?? '');
}

function sentence(detail: ErrorDetail, text: string, todo: string): string {
  if (todo === '') return `${text}.`;
  return 'got' in detail || 'problem' in detail ? `${text}. ${todo}` : `${text}; ${todo}.`;
}
