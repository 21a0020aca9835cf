import type { FastifyRequest } from 'fastify';
import { quoteGo } from '../model/go-quote.ts';
import { decodeUtf8 } from '../model/utf8.ts';
import { readBody } from './read-body.ts';

/** The parameters of a request: of a form in the body first, then those of the URL, as Go's `Request.Form`. */
export class Form {
  readonly #values: ReadonlyMap<string, readonly string[]>;

  constructor(values: ReadonlyMap<string, readonly string[]>) {
    this.#values = values;
  }

  /** The first value, '' when there is none. */
  get(name: string): string {
    return this.#values.get(name)?.[0] ?? '';
  }

  all(name: string): readonly string[] {
    return this.#values.get(name) ?? [];
  }

  names(): readonly string[] {
    return [...this.#values.keys()];
  }
}

export type FormReading =
  | { readonly kind: 'form'; readonly form: Form }
  /** `reason` is Go's text. */
  | { readonly kind: 'malformed'; readonly reason: string }
  | { readonly kind: 'too-large' };

/** Reads the parameters of `request`; a body only when it is a form and the method carries one. */
export async function readForm(request: FastifyRequest, bodyLimitBytes: number): Promise<FormReading> {
  const values = new Map<string, string[]>();
  let bodyError: string | undefined;
  if (request.method === 'POST' && isForm(request.contentType)) {
    const reading = await readBody(request.raw, bodyLimitBytes);
    if (reading.kind === 'too-large') return { kind: 'too-large' };
    bodyError = parseForm(decodeUtf8(reading.body), values);
  }
  const url = request.raw.url ?? '';
  const queryStart = url.indexOf('?');
  const urlError = queryStart < 0 ? undefined : parseForm(url.slice(queryStart + 1), values);
  const reason = bodyError ?? urlError;
  return reason === undefined ? { kind: 'form', form: new Form(values) } : { kind: 'malformed', reason };
}

function isForm(contentType: string | undefined): boolean {
  return /^\s*application\/x-www-form-urlencoded\s*(?:;|$)/i.test(contentType ?? '');
}

/** Adds the pairs of `text` to `values`. Returns Go's text for the first thing wrong with it. */
export function parseForm(text: string, values: Map<string, string[]>): string | undefined {
  let error: string | undefined;
  for (const pair of text.split('&')) {
    if (pair === '') continue;
    if (pair.includes(';')) {
      error ??= 'invalid semicolon separator in query';
      continue;
    }
    const equals = pair.indexOf('=');
    const name = decodePart(equals < 0 ? pair : pair.slice(0, equals));
    const value = decodePart(equals < 0 ? '' : pair.slice(equals + 1));
    if (typeof name !== 'string' || typeof value !== 'string') {
      error ??= [name, value].find((part) => typeof part !== 'string')!.reason;
      continue;
    }
    const known = values.get(name);
    if (known) known.push(value);
    else values.set(name, [value]);
  }
  return error;
}

function decodePart(text: string): string | { readonly reason: string } {
  if (!/[%+]/.test(text)) return text;
  const bad = /%(?![0-9a-fA-F]{2}).{0,2}/su.exec(text);
  if (bad) return { reason: `invalid URL escape ${quoteGo(bad[0])}` };
  const spaced = text.replaceAll('+', ' ');
  try {
    return decodeURIComponent(spaced);
  } catch {
    // Bytes that are no UTF-8: they have to arrive as such, so that the parser can say where they stand.
    return decodeUtf8(percentDecode(Buffer.from(spaced, 'utf8')));
  }
}

function percentDecode(bytes: Uint8Array): Uint8Array {
  const decoded = new Uint8Array(bytes.length);
  let length = 0;
  for (let i = 0; i < bytes.length; i++) {
    const isEscape = bytes[i] === 0x25;
    decoded[length++] = isEscape ? Number.parseInt(String.fromCharCode(bytes[i + 1]!, bytes[i + 2]!), 16) : bytes[i]!;
    if (isEscape) i += 2;
  }
  return decoded.subarray(0, length);
}
