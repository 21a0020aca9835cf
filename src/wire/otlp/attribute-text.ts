import type { AnyValue } from './metrics.ts';

/** The text of an attribute's value as the OpenTelemetry collector writes it (`pcommon.Value.AsString`). */
export function attributeText(value: AnyValue): string {
  switch (value.kind) {
    case 'empty':
      return '';
    case 'string':
      return value.text;
    case 'bool':
      return `${value.isTrue}`;
    case 'int':
      return `${value.integer}`;
    case 'double':
      return doubleText(value.number);
    case 'bytes':
      return base64(value.bytes);
    case 'array':
    case 'map':
      return jsonText(value);
  }
}

/** Go writes numbers here as JavaScript does, but for the sign of zero. */
function doubleText(number: number): string {
  return Object.is(number, -0) ? '-0' : `${number}`;
}

/** JSON as Go writes it: the keys of objects sorted. What JSON cannot hold makes all of it ''. */
function jsonText(value: AnyValue): string {
  try {
    return jsonOf(value);
  } catch (error) {
    if (error instanceof NotJsonError) return '';
    throw error;
  }
}

class NotJsonError extends Error {}

function jsonOf(value: AnyValue): string {
  switch (value.kind) {
    case 'empty':
      return 'null';
    case 'string':
      return quoted(value.text);
    case 'bool':
      return `${value.isTrue}`;
    case 'int':
      return `${value.integer}`;
    case 'double':
      if (!Number.isFinite(value.number)) throw new NotJsonError();
      return doubleText(value.number);
    case 'bytes':
      return quoted(base64(value.bytes));
    case 'array':
      return `[${value.values.map(jsonOf).join(',')}]`;
    case 'map': {
      const byKey = new Map(value.entries.map(({ key, value: entry }) => [key, entry]));
      const keys = [...byKey.keys()].sort();
      return `{${keys.map((key) => `${quoted(key)}:${jsonOf(byKey.get(key)!)}`).join(',')}}`;
    }
  }
}

function quoted(text: string): string {
  return JSON.stringify(text.toWellFormed()).replace(
    /[\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16)}`,
  );
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64');
}
