/** A JSON Schema (2020-12), which is what OpenAPI 3.1 describes bodies with. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const text: JsonSchema = { type: 'string' };
export const integer: JsonSchema = { type: 'integer' };
export const number: JsonSchema = { type: 'number' };
export const boolean: JsonSchema = { type: 'boolean' };
/** Milliseconds since 1970. */
export const timeMs: JsonSchema = { type: 'number', description: 'Milliseconds since 1970.' };

/** An object that has all of these. */
export function object(properties: Readonly<Record<string, JsonSchema>>): JsonSchema {
  return { type: 'object', required: Object.keys(properties), properties };
}

export function list(items: JsonSchema): JsonSchema {
  return { type: 'array', items };
}

/** An object of any names, with such values. */
export function mapOf(values: JsonSchema): JsonSchema {
  return { type: 'object', additionalProperties: values };
}

/** An array of exactly these. */
export function tuple(...items: readonly JsonSchema[]): JsonSchema {
  return { type: 'array', prefixItems: items, minItems: items.length, maxItems: items.length };
}

export function orNull(schema: JsonSchema): JsonSchema {
  return { anyOf: [schema, { type: 'null' }] };
}

/** One of some texts. */
export function oneOf(...texts: readonly string[]): JsonSchema {
  return { enum: texts };
}

export const success = oneOf('success');
