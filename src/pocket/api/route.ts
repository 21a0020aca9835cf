import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonSchema } from './schema.ts';

/** All that the OpenAPI document says of a route under `/pocket/v1`. */
export interface RouteDescription {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Below `/pocket/v1`, parts that differ in braces: `/tenants/{tenant}/reset`. */
  readonly path: string;
  readonly summary: string;
  readonly parameters?: readonly RouteParameter[];
  /** Left out where a body would not be looked at. */
  readonly body?: RouteBody;
  /** By status. Errors (`{"status":"error","code":…,"error":…}`) need not be listed. */
  readonly responses: Readonly<Record<number, RouteResponse>>;
}

/** A route with what it does. */
export interface PocketRoute extends RouteDescription {
  /** @throws {PocketCortexError} is answered with its status, code and message */
  handle(call: PocketCall): Promise<PocketAnswer> | PocketAnswer;
}

export interface RouteParameter {
  readonly name: string;
  readonly in: 'query' | 'path' | 'header';
  readonly about: string;
  readonly isRequired?: boolean;
  readonly type?: 'string' | 'integer' | 'boolean';
  /** Whether it may be given more than once. */
  readonly isRepeated?: boolean;
}

export interface RouteBody {
  readonly contentType: string;
  readonly about: string;
  readonly example?: unknown;
  /** What is longer is refused. */
  readonly limitBytes: number;
}

export interface RouteResponse {
  readonly about: string;
  /** `application/json` unless said otherwise. */
  readonly contentType?: string;
  /** Of JSON. A test holds answers against it. */
  readonly schema?: JsonSchema;
}

/** A request to such a route, read. */
export interface PocketCall {
  /** Of the path; decoded. */
  readonly path: Readonly<Record<string, string>>;
  /** Of the query: the first value, '' when there is none. */
  get(name: string): string;
  /** Of the query: every value. */
  all(name: string): readonly string[];
  /** Empty where the route has none. */
  readonly body: Uint8Array;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

export type PocketAnswer =
  | { readonly status?: number; readonly json: unknown }
  | { readonly status?: number; readonly text: string; readonly contentType: string }
  | { readonly status?: number; readonly bytes: Uint8Array; readonly contentType: string };
