import { PocketCortexError } from '../../model/errors.ts';

/** What is wrong with a line, and at which byte of the buffer it was parsed from; whoever counts lines makes a `TextError` of it. */
export class LineFault extends Error {
  readonly at: number;

  constructor(at: number, reason: string) {
    super(reason);
    this.at = at;
  }
}

/** A text that cannot be read: where (both from 1, columns in characters) and why. */
export class TextError extends PocketCortexError {
  readonly line: number;
  readonly column: number;
  readonly reason: string;

  constructor({ line, column, reason }: { readonly line: number; readonly column: number; readonly reason: string }) {
    super('malformed-body', `line ${line}, column ${column}: ${reason}`);
    this.line = line;
    this.column = column;
    this.reason = reason;
  }
}
