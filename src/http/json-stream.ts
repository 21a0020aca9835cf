import { ServerResponse } from 'node:http';
import { Readable, type Writable } from 'node:stream';
import { Pace } from '../model/work.ts';
import type { JsonChunks } from '../wire/json-bytes.ts';

/**
 * JSON that is made as fast as somebody takes it. A response takes chunks as they were written: the next is made where the last one
 * lay, once the socket has that. Whoever else reads it (an encoder, say) gets copies.
 */
export class JsonStream extends Readable {
  readonly #chunks: JsonChunks;
  readonly #pace = new Pace();
  /** Made, and taken by nobody yet. */
  #first: Uint8Array | undefined;

  constructor(first: Uint8Array, chunks: JsonChunks) {
    super();
    this.#first = first;
    this.#chunks = chunks;
  }

  override pipe<Destination extends NodeJS.WritableStream>(
    destination: Destination,
    options?: { end?: boolean },
  ): Destination {
    if (!(destination instanceof ServerResponse)) return super.pipe(destination, options);
    this.#writeTo(destination).catch((error: Error) => this.destroy(error));
    return destination;
  }

  override _read(): void {
    this.#next().then(
      ({ done, value }) => {
        // The last one is no longer written to.
        this.push(done ? value : Buffer.from(value));
        if (done) this.push(null);
      },
      (error: Error) => this.destroy(error),
    );
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#chunks.return(Buffer.alloc(0));
    done(error);
  }

  async #writeTo(response: ServerResponse): Promise<void> {
    let next = await this.#next();
    for (; !next.done; next = await this.#next()) await written(response, next.value);
    // What ends the body goes out together with the last chunk.
    response.end(next.value);
    this.push(null);
    this.resume();
  }

  /** A socket may take megabytes at once, and everybody else would wait until it has them. */
  async #next(): Promise<IteratorResult<Uint8Array, Buffer>> {
    const first = this.#first;
    if (first !== undefined) {
      this.#first = undefined;
      return { done: false, value: first };
    }
    if (this.#pace.isSliceOver) await this.#pace.turn();
    return this.#chunks.next();
  }
}

/** Resolves when `destination` needs `bytes` no more. */
function written(destination: Writable | ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    destination.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
