import { PocketCortexError } from '../../src/model/errors.ts';

/** Code and message of the error that `call` throws; anything else that it throws, or nothing, fails the test. */
export function failureOf(call: () => unknown): { code: string; message: string } {
  try {
    call();
  } catch (error) {
    if (error instanceof PocketCortexError) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('expected a PocketCortexError, but nothing was thrown');
}
