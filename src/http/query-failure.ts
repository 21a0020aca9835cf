import { PocketCortexError } from '../model/errors.ts';
import type { ApiError } from './replies.ts';

/** A request of the Prometheus API that cannot be answered, in Cortex's words. */
export class QueryFailure extends Error implements ApiError {
  override readonly name = 'QueryFailure';
  readonly status: number;
  readonly errorType: string | undefined;

  constructor({ status, errorType, message }: ApiError) {
    super(message);
    this.status = status;
    this.errorType = errorType;
  }
}

export function badData(message: string): QueryFailure {
  return new QueryFailure({ status: 400, errorType: 'bad_data', message });
}

/** What a client sees of `error`; undefined for one that is ours. */
export function asApiError(error: unknown): ApiError | undefined {
  if (error instanceof QueryFailure) return error;
  if (!(error instanceof PocketCortexError)) return undefined;
  return { status: error.status, errorType: error.errorType, message: error.message };
}
