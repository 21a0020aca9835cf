/**
 * What can go wrong, once: the HTTP status, Prometheus's `errorType` and, for a limit, the setting that lifts it.
 * Codes never change; they are for the library and our own routes. On Cortex's paths the body is Cortex's text. `ARCHITECTURE.md`
 * publishes this table, with what each of them means.
 */
export const errorCatalogue = {
  'bad-data': { status: 400, errorType: 'bad_data' },
  'not-found': { status: 404, errorType: 'not_found' },
  'parse-error': { status: 400, errorType: 'bad_data' },
  'bad-regex': { status: 400, errorType: 'bad_data' },
  'execution-error': { status: 422, errorType: 'execution' },
  'query-timeout': { status: 503, errorType: 'timeout', limit: '-querier.timeout' },
  'query-cancelled': { status: 499, errorType: 'canceled' },
  'too-many-samples': { status: 422, errorType: 'execution', limit: '-querier.max-samples' },
  'empty-ring': { status: 500, errorType: 'server_error' },
  'malformed-body': { status: 400, errorType: 'bad_data' },
  'limit-exceeded': { status: 400, errorType: 'bad_data', limit: '-distributor.max-recv-msg-size' },
  'bad-config': { status: 500, errorType: 'internal' },
  'storage-locked': { status: 500, errorType: 'internal' },
  'storage-too-new': { status: 500, errorType: 'internal' },
  'storage-corrupt': { status: 500, errorType: 'internal' },
  internal: { status: 500, errorType: 'internal' },
} as const satisfies Record<string, ErrorEntry>;

export interface ErrorEntry {
  readonly status: number;
  /** Prometheus's word for the kind of error. */
  readonly errorType: string;
  /** The flag that lifts the limit which was hit. */
  readonly limit?: string;
}

export type ErrorCode = keyof typeof errorCatalogue;

/** An error with a place in the catalogue. The message is what a user reads. */
export class PocketCortexError extends Error {
  override readonly name = 'PocketCortexError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get status(): number {
    return errorCatalogue[this.code].status;
  }

  get errorType(): string {
    return errorCatalogue[this.code].errorType;
  }
}
