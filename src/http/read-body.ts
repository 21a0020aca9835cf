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
  const chunks: Buffer[] = [];
  let seenBytes = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : (chunk as Buffer);
    seenBytes += bytes.length;
    if (seenBytes > limitBytes) {
      discardRest(request, limitBytes);
      return { kind: 'too-large', seenBytes: limitBytes + 1 };
    }
    chunks.push(bytes);
  }
  return { kind: 'body', body: chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, seenBytes) };
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
