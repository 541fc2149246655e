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
  | 'diverged';

/** The parts of a message: *where: expected, got, what to do*. */
export interface ErrorDetail {
  /** The file, option, field or function concerned. */
  readonly where: string;
  /** What would have been right. */
  readonly expected: string;
  /** What was found instead. */
  readonly got: string;
  /** What the person can do about it. */
  readonly todo?: string;
  /** The parameter that would settle it; a command says which of its options that is. */
  readonly parameter?: string;
}

/** The one error that this library throws on purpose; anything else is a defect. */
export class UtadError extends Error {
  override readonly name = 'UtadError';
  readonly code: ErrorCode;
  readonly detail: ErrorDetail;

  constructor(code: ErrorCode, detail: ErrorDetail, options?: ErrorOptions) {
    const todo = detail.todo === undefined ? '' : ` ${detail.todo}`;
    super(`${detail.where}: expected ${detail.expected}, got ${detail.got}.${todo}`, options);
    this.code = code;
    this.detail = detail;
  }
}

/** Throws a {@link UtadError}; usable as an expression. */
export function fail(code: ErrorCode, detail: ErrorDetail, options?: ErrorOptions): never {
  throw new UtadError(code, detail, options);
}
