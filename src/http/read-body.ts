import type { IncomingMessage } from 'node:http';

export type BodyReading =
  | { readonly kind: 'body'; readonly body: Uint8Array }
  /** `seenBytes` is what the request said its length is, or what had come when it was enough. */
  | { readonly kind: 'too-large'; readonly seenBytes: number };

/**
 * Reads a whole request body of at most `limitBytes`. Room is made for what has come, never for what was announced
 * above the limit.
 * @throws when the connection breaks off before the end
 */
export async function readBody(request: IncomingMessage, limitBytes: number): Promise<BodyReading> {
  const announcedBytes = Number(request.headers['content-length'] ?? 0);
  if (announcedBytes > limitBytes) return { kind: 'too-large', seenBytes: announcedBytes };
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let seenBytes = 0;
    let isEnded = false;
    const take = (chunk: Buffer): void => {
      seenBytes += chunk.length;
      if (seenBytes <= limitBytes) {
        chunks.push(chunk);
        return;
      }
      request.off('data', take);
      discardRest(request, limitBytes);
      resolve({ kind: 'too-large', seenBytes: limitBytes + 1 });
    };
    const end = (): void => {
      isEnded = true;
      resolve({ kind: 'body', body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, seenBytes) });
    };
    const breakOff = (): void => {
      if (!isEnded) reject(request.errored ?? new Error('the connection was closed in the middle of a body'));
    };
    // Nobody stops listening: that takes its time, and a request is soon over.
    if (request.readableEnded) end();
    else if (request.destroyed) breakOff();
    else request.on('data', take).on('end', end).on('error', breakOff).on('close', breakOff);
  });
}

/**
 * Reads on without keeping anything: a connection that nobody reads notices neither its end nor its next request. Who
 * goes on sending for too long is cut off.
 */
export function discardRest(request: IncomingMessage, limitBytes: number): void {
  let discardedBytes = 0;
  request.on('data', (chunk: Uint8Array) => {
    discardedBytes += chunk.length;
    if (discardedBytes > limitBytes) request.destroy();
  });
}
