import {
  type Alias,
  Composer,
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  Parser,
  type Scalar,
  visit,
  type YAMLMap,
} from 'yaml';
import { quoteGo } from '../model/go-quote.ts';
import { yamlProblem } from './go-yaml-problem.ts';

/** A struct's fields by their YAML names; what is absent or null is undefined. */
export type Fields = Readonly<Record<string, unknown>>;

/**
 * What is read into: a Go type, as far as its error texts show it. `struct` names the type that unknown fields are
 * complained of with, and says in `check` what is wrong with a value that has the right form.
 */
export type Shape =
  | { readonly kind: 'text'; readonly check?: (text: string) => string | undefined }
  | { readonly kind: 'bool' | 'any' | 'duration' }
  | { readonly kind: 'integer'; readonly type: string }
  /** `itemType` is what an item is called, where its shape does not say it. */
  | { readonly kind: 'list'; readonly of: Shape | (() => Shape); readonly itemType?: string }
  | { readonly kind: 'map'; readonly of: Shape; readonly check?: (value: Fields) => string | undefined }
  | {
      readonly kind: 'struct';
      readonly type: string;
      /** What it is called as an item of a list, where that is not `type`. */
      readonly itemType?: string;
      readonly fields: Readonly<Record<string, Shape>>;
      readonly check?: (value: Fields) => string | undefined;
    }
  /** The first of two shapes that a node fits. */
  | { readonly kind: 'either'; readonly first: Shape; readonly second: Shape };

export type Reading =
  | { readonly ok: true; readonly value: unknown }
  /** In the words of Go's YAML library, or of a `check`. */
  | { readonly ok: false; readonly message: string };

/** Far more than a configuration has; reading deeper ones would end the stack. */
const NESTING_LIMIT = 500;
/** Aliases let a short text stand for a long one. */
const NODE_LIMIT = 200_000;

/**
 * Reads the first document of a YAML text as Go's library reads it into a struct. Strict: unknown and repeated fields are
 * errors. Errors of form are collected, and told together; the first fault that a `check` finds ends the reading.
 */
export function readGoYaml(text: string, shape: Shape, { isStrict }: { readonly isStrict: boolean }): Reading {
  if (nestsDeeply(text)) return { ok: false, message: 'yaml: exceeded max depth of 10000' };
  const lines = new LineCounter();
  // Every scalar as the text that was written; repeated keys are looked for here, in linear time.
  const composer = new Composer({ schema: 'failsafe', merge: false, uniqueKeys: false });
  const first = composer.compose(new Parser(lines.addNewLine).parse(text)).next();
  if (first.done) return { ok: true, value: undefined };
  const document = first.value as Document.Parsed;
  if (document.errors.length > 0) return { ok: false, message: yamlProblem(document.errors, text, lines) };
  const lost = unknownAnchor(document);
  if (lost !== undefined) return { ok: false, message: `yaml: unknown anchor '${lost}' referenced` };
  try {
    const reader = new Reader(document, lines, isStrict);
    const value = reader.read(document.contents, shape, 0);
    if (reader.problems.length === 0) return { ok: true, value };
    return { ok: false, message: `yaml: unmarshal errors:\n  ${reader.problems.join('\n  ')}` };
  } catch (error) {
    if (error instanceof Fault) return { ok: false, message: error.message };
    throw error;
  }
}

/** Ends the reading: what a `check` found, or an alias that leads nowhere. */
class Fault extends Error {}

class Reader {
  problems: string[] = [];
  readonly #document: Document;
  readonly #lines: LineCounter;
  readonly #isStrict: boolean;
  #nodeCount = 0;

  constructor(document: Document, lines: LineCounter, isStrict: boolean) {
    this.#document = document;
    this.#lines = lines;
    this.#isStrict = isStrict;
  }

  read(node: unknown, shape: Shape, depth: number): unknown {
    if (isAlias(node)) return this.read(this.#resolve(node), shape, depth);
    this.#nodeCount += 1;
    if (this.#nodeCount > NODE_LIMIT || depth > NESTING_LIMIT) {
      throw new Fault('yaml: document contains excessive aliasing');
    }
    if (node === null || node === undefined || isNull(node)) return undefined;
    switch (shape.kind) {
      case 'any':
        return (node as Node).toJS(this.#document);
      case 'text': {
        if (!isScalar(node)) return this.#mismatch(node, 'string');
        const text = `${node.value}`;
        const problem = shape.check?.(text);
        if (problem !== undefined) throw new Fault(problem);
        return text;
      }
      case 'bool': {
        if (!isScalar(node) || tagOf(node) !== '!!bool') return this.#mismatch(node, 'bool');
        return /^(y|yes|on|true)$/i.test(`${node.value}`);
      }
      case 'integer': {
        if (!isScalar(node) || tagOf(node) !== '!!int') return this.#mismatch(node, shape.type);
        const value = Number(`${node.value}`.replaceAll('_', ''));
        return value < 0 && shape.type.startsWith('u') ? this.#mismatch(node, shape.type) : value;
      }
      case 'duration': {
        const isDuration = isScalar(node) && /^-?(\d+(\.\d*)?(ns|us|µs|ms|s|m|h))+$|^0$/.test(`${node.value}`);
        return isDuration ? `${node.value}` : this.#mismatch(node, 'time.Duration');
      }
      case 'list':
        return this.#readList(node, shape, depth);
      case 'map':
        return this.#readMap(node, shape, depth);
      case 'struct':
        return this.#readStruct(node, shape, depth);
      case 'either': {
        const before = this.problems;
        this.problems = [];
        const value = this.read(node, shape.first, depth);
        const fits = this.problems.length === 0;
        this.problems = before;
        return fits ? value : this.read(node, shape.second, depth);
      }
    }
  }

  #readList(node: unknown, shape: Shape & { kind: 'list' }, depth: number): unknown {
    const of = typeof shape.of === 'function' ? shape.of() : shape.of;
    if (isSeq(node)) return node.items.map((item) => this.read(item, of, depth + 1));
    return this.#mismatch(node, `[]${shape.itemType ?? typeName(of)}`);
  }

  #readMap(node: unknown, shape: Shape & { kind: 'map' }, depth: number): unknown {
    if (!isMap(node)) return this.#mismatch(node, `map[string]${typeName(shape.of)}`);
    const before = this.problems.length;
    const value: Record<string, unknown> = Object.create(null);
    for (const { key, keyNode, item } of this.#pairs(node)) {
      if (this.#isStrict && key in value) this.#complain(keyNode, `key ${quoteGo(key)} already set in map`);
      value[key] = this.read(item, shape.of, depth + 1);
    }
    return this.#checked(value, before, shape.check);
  }

  #readStruct(node: unknown, shape: Shape & { kind: 'struct' }, depth: number): unknown {
    if (!isMap(node)) return this.#mismatch(node, shape.type);
    const before = this.problems.length;
    const value: Record<string, unknown> = Object.create(null);
    const firstLines = new Map<string, number>();
    for (const { key, keyNode, item } of this.#pairs(node)) {
      const earlier = firstLines.get(key);
      if (earlier !== undefined) {
        const line = this.#line(keyNode);
        const text = this.#isStrict
          ? `field ${key} already set in type ${shape.type}`
          : `mapping key ${quoteGo(key)} already defined at line ${earlier}`;
        this.problems.push(`line ${line}: ${text}`);
        continue;
      }
      firstLines.set(key, this.#line(keyNode));
      const field = Object.hasOwn(shape.fields, key) ? shape.fields[key] : undefined;
      if (field) value[key] = this.read(item, field, depth + 1);
      else if (this.#isStrict) this.#complain(keyNode, `field ${key} not found in type ${shape.type}`);
    }
    return this.#checked(value, before, shape.check);
  }

  /** As in Go, what a value means is looked at once its form is right. */
  #checked(value: Fields, problemsBefore: number, check: ((value: Fields) => string | undefined) | undefined): unknown {
    const problem = this.problems.length === problemsBefore ? check?.(value) : undefined;
    if (problem !== undefined) throw new Fault(problem);
    return value;
  }

  *#pairs(map: YAMLMap): IterableIterator<{ key: string; keyNode: unknown; item: unknown }> {
    for (const { key, value } of map.items) {
      const keyNode = isAlias(key) ? this.#resolve(key) : key;
      if (isScalar(keyNode)) yield { key: `${keyNode.value}`, keyNode, item: value };
      else this.#mismatch(keyNode, 'string');
    }
  }

  #resolve(alias: Alias): unknown {
    const node = alias.resolve(this.#document);
    return node;
  }

  #mismatch(node: unknown, type: string): undefined {
    const tag = tagOf(node);
    let text = isScalar(node) ? `${node.value}` : '';
    if (text.length > 10) text = `${text.slice(0, 7)}...`;
    this.#complain(node, `cannot unmarshal ${tag}${isScalar(node) ? ` \`${text}\`` : ''} into ${type}`);
    return undefined;
  }

  #complain(node: unknown, text: string): void {
    this.problems.push(`line ${this.#line(node)}: ${text}`);
  }

  #line(node: unknown): number {
    return this.#lines.linePos((node as Node).range?.[0] ?? 0).line;
  }
}

function typeName(shape: Shape): string {
  switch (shape.kind) {
    case 'struct':
      return shape.itemType ?? shape.type;
    case 'integer':
      return shape.type;
    case 'bool':
      return 'bool';
    case 'list':
      return `[]${typeName(typeof shape.of === 'function' ? shape.of() : shape.of)}`;
    case 'map':
      return `map[string]${typeName(shape.of)}`;
    case 'any':
      return 'interface {}';
    case 'duration':
      return 'time.Duration';
    case 'text':
      return 'string';
    case 'either':
      return typeName(shape.second);
  }
}

function isNull(node: unknown): boolean {
  return isScalar(node) && tagOf(node) === '!!null';
}

/** The tag that Go gives a node: by its form, and of a plain scalar by its text. */
function tagOf(node: unknown): string {
  if (isMap(node)) return '!!map';
  if (isSeq(node)) return '!!seq';
  const { type, value } = node as Scalar;
  const text = `${value}`;
  if (type !== undefined && type !== 'PLAIN') return '!!str';
  if (/^(~|null|Null|NULL|)$/.test(text)) return '!!null';
  if (/^(y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/.test(text)) {
    return '!!bool';
  }
  if (/^[-+]?(0|[1-9][\d_]*|0x[\da-fA-F_]+|0o?[0-7_]+|0b[01_]+)$/.test(text)) return '!!int';
  if (/^[-+]?(\.\d+|\d[\d_]*(\.[\d_]*)?)([eE][-+]?\d+)?$|^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/.test(text)) {
    return '!!float';
  }
  return '!!str';
}

/** The name of the first alias that stands for nothing. */
function unknownAnchor(document: Document): string | undefined {
  let lost: string | undefined;
  visit(document, {
    Alias(_key, alias) {
      if (alias.resolve(document) !== undefined) return undefined;
      lost = alias.source;
      return visit.BREAK;
    },
  });
  return lost;
}

/** Whether brackets or margins nest so deeply that reading them would take long. */
function nestsDeeply(text: string): boolean {
  let depth = 0;
  for (const [piece] of text.matchAll(/[[\]{}]|^(?: *- *){50,}/gm)) {
    if (piece.length > 1) return true;
    depth += piece === '[' || piece === '{' ? 1 : -1;
    if (depth > NESTING_LIMIT) return true;
  }
  return false;
}
