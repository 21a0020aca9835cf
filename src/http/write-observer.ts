import type { FastifyRequest } from 'fastify';
import type { TenantId } from '../model/tenant.ts';
import type { WriteBatch } from '../model/write-batch.ts';

export type WriteProtocol = 'remote-write-1' | 'remote-write-2' | 'otlp' | 'text';

/** A write that could be read, before it is stored; of text, which comes in parts, one of them. */
export interface SeenWrite {
  readonly tenant: TenantId;
  readonly protocol: WriteProtocol;
  /** Borrowed until the request has been answered. */
  readonly batch: WriteBatch;
}

/** Who wants to know of writes. */
export interface WriteObserver {
  /** Whether anybody does right now: otherwise nothing is told, and nothing is spent on it. */
  readonly isWatching: boolean;
  /** Whether the write goes on. Where it does not, whoever says so sees to the answer. */
  saw(request: FastifyRequest, write: SeenWrite): boolean;
}

/** Tells who wants to know. Whether the write goes on. */
export function passesObserver(
  { writeObserver }: { readonly writeObserver?: WriteObserver | undefined },
  request: FastifyRequest,
  write: SeenWrite,
): boolean {
  return !writeObserver?.isWatching || writeObserver.saw(request, write);
}

/** Whether a route takes writes, and so asks observers. */
export function takesWrites(routeUrl: string | undefined): boolean {
  return routeUrl !== undefined && /\/(?:push|otlp\/v1\/metrics)$/.test(routeUrl);
}
