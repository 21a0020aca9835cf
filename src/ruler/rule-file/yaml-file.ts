import { isAlias, isMap, isScalar, isSeq, LineCounter, type Node, parseAllDocuments, Scalar } from 'yaml';
import { suggest } from '../../config/suggest.ts';
import { parseDuration } from '../../model/duration.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { quoteGo } from '../../model/go-quote.ts';

/** Something to say about a place in a file. Line and column are from 1. */
export interface Finding {
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

/** A value in a YAML file; undefined where none stands. */
export type YamlNode = Node | undefined;

/** A map's values by their keys, and where the keys stand. */
export interface YamlFields {
  readonly node: YamlNode;
  readonly values: ReadonlyMap<string, YamlNode>;
  readonly keys: ReadonlyMap<string, Node>;
}

/**
 * Takes a file apart that somebody wrote by hand: what has not the right form goes to `findings`, with its place, and
 * counts as left out.
 */
export class YamlFile {
  readonly findings: Finding[] = [];
  readonly root: YamlNode;
  readonly #text: string;
  readonly #lines = new LineCounter();
  readonly #resolve: (node: Node) => YamlNode;

  constructor(text: string) {
    this.#text = text;
    // In the failsafe schema every scalar is the text that was written. Of several documents the first one counts.
    const options = { schema: 'failsafe', lineCounter: this.#lines, prettyErrors: false } as const;
    const documents = parseAllDocuments(text, options);
    const document = Array.isArray(documents) ? documents[0] : undefined;
    for (const error of document?.errors ?? []) this.#note(error.pos[0], error.message);
    this.root = (this.findings.length === 0 && document?.contents) || undefined;
    this.#resolve = (node) => (isAlias(node) && document ? node.resolve(document) : node);
  }

  /** Notes a message at a node, or at the beginning of the file. */
  fail(node: YamlNode, message: string): void {
    this.#note(node?.range?.[0] ?? 0, message);
  }

  /** Where a node stands. */
  placeOf(node: YamlNode): { readonly line: number; readonly column: number } {
    const { line, col } = this.#lines.linePos(node?.range?.[0] ?? 0);
    return { line, column: col };
  }

  /** Where a place inside of a text stands in the file: `line` and `column` of the text are from 1. */
  placeInside(
    node: YamlNode,
    inner: { readonly line: number; readonly column: number },
  ): { line: number; column: number } {
    const place = this.placeOf(node);
    const scalar = node && this.#resolve(node);
    if (!isScalar(scalar) || !scalar.range) return place;
    const [start, end] = scalar.range;
    const source = this.#text.slice(start, end);
    if (scalar.type === Scalar.BLOCK_LITERAL) {
      const [, ...lines] = source.trimEnd().split('\n');
      const indent = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
      // The end of a text is told as the line behind its last one.
      if (inner.line > lines.length) return { line: place.line + lines.length, column: lines.at(-1)!.length + 1 };
      return { line: place.line + inner.line, column: indent + inner.column };
    }
    // A folded or escaped text has no such simple relation to its value.
    const isAsWritten = !source.trimEnd().includes('\n') && source.includes(String(scalar.value)) && inner.line === 1;
    if (!isAsWritten) return place;
    const quote = scalar.type === Scalar.PLAIN ? 0 : 1;
    return { line: place.line, column: place.column + quote + inner.column - 1 };
  }

  /** The keys and values of a map; `known` names all that it may have, undefined allows any. */
  fields(node: YamlNode, known?: readonly string[]): YamlFields {
    const map = node && this.#resolve(node);
    const values = new Map<string, YamlNode>();
    const keys = new Map<string, Node>();
    if (!isMap(map)) {
      if (!isNothing(map)) this.fail(node, 'expected a map');
      return { node, values, keys };
    }
    const merged: YamlNode[] = [];
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (name === '<<') {
        merged.push(value as YamlNode);
        continue;
      }
      values.set(name, (value as Node | null) ?? undefined);
      keys.set(name, key as Node);
      if (known && !known.includes(name)) {
        const meant = suggest(name, known);
        this.fail(key as Node, `unknown field ${name}${meant === undefined ? '' : `, did you mean ${meant}?`}`);
      }
    }
    for (const other of merged) this.#merge(other, { values, keys });
    return { node, values, keys };
  }

  /** Adds what another map, or a list of maps, has and this one has not. */
  #merge(node: YamlNode, into: { values: Map<string, YamlNode>; keys: Map<string, Node> }): void {
    const resolved = node && this.#resolve(node);
    const maps = isSeq(resolved) ? (resolved.items as Node[]) : [node];
    for (const map of maps) {
      const other = this.fields(map);
      for (const [name, value] of other.values) {
        if (into.keys.has(name)) continue;
        into.values.set(name, value);
        into.keys.set(name, other.keys.get(name)!);
      }
    }
  }

  list(node: YamlNode): readonly YamlNode[] {
    const list = node && this.#resolve(node);
    if (isNothing(list)) return [];
    if (isSeq(list)) return list.items as readonly Node[];
    this.fail(node, 'expected a list');
    return [];
  }

  /** Whether it is a list, rightly or not. */
  isList(node: YamlNode): boolean {
    return isSeq(node && this.#resolve(node));
  }

  text(node: YamlNode): string {
    const scalar = node && this.#resolve(node);
    if (isNothing(scalar)) return '';
    if (isScalar(scalar)) return String(scalar.value);
    this.fail(node, 'expected a text');
    return '';
  }

  texts(node: YamlNode): Record<string, string> {
    const { values } = this.fields(node);
    return Object.fromEntries([...values].map(([key, value]) => [key, this.text(value)]));
  }

  durationMs(node: YamlNode): number | undefined {
    if (isNothing(node && this.#resolve(node))) return undefined;
    const duration = parseDuration(this.text(node));
    if (duration.ok) return duration.ms;
    this.fail(node, duration.reason);
    return undefined;
  }

  integer(node: YamlNode): number | undefined {
    const number = this.number(node);
    if (number === undefined || Number.isSafeInteger(number)) return number;
    this.fail(node, 'expected a whole number');
    return undefined;
  }

  /** As YAML writes numbers: `.inf` and `.nan` with a point, none in quotes. */
  number(node: YamlNode): number | undefined {
    const scalar = node && this.#resolve(node);
    if (isNothing(scalar)) return undefined;
    const text = this.text(node);
    const isPlain = isScalar(scalar) && scalar.type === Scalar.PLAIN;
    const named = /^([-+]?)\.(inf|nan)$/i.exec(text);
    let number: number | undefined;
    if (named) number = /nan/i.test(named[2]!) ? NaN : named[1] === '-' ? -Infinity : Infinity;
    else if (/^[-+]?0x[\da-f_]+$/i.test(text)) number = Number.parseInt(text.replaceAll('_', ''), 16);
    else if (/^[-+.\d][\d_.eE+-]*$/.test(text)) number = parseGoFloat(text.replaceAll('_', ''));
    if (isPlain && number !== undefined) return number;
    this.fail(node, `expected a number, not ${quoteGo(text)}`);
    return undefined;
  }

  boolean(node: YamlNode): boolean {
    const text = this.text(node);
    if (/^(true|yes|on|y)$/i.test(text)) return true;
    if (text !== '' && !/^(false|no|off|n)$/i.test(text))
      this.fail(node, `expected true or false, not ${quoteGo(text)}`);
    return false;
  }

  #note(offset: number, message: string): void {
    const { line, col } = this.#lines.linePos(offset);
    this.findings.push({ line, column: col, message });
  }
}

/** Whether a node is left out or `null`. */
export function isNothing(node: YamlNode): boolean {
  if (node === undefined || node === null) return true;
  return isScalar(node) && node.type === Scalar.PLAIN && /^(?:|~|null|Null|NULL)$/.test(String(node.value ?? ''));
}
