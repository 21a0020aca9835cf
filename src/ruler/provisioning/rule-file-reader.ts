import { type Document, isNode, type LineCounter } from 'yaml';
import { suggest } from '../../config/suggest.ts';
import { parseDuration } from '../../model/duration.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { UncheckedGroup, UncheckedRule } from '../read-rule-group.ts';
import type { TextMap } from '../rule-group.ts';
import { markTenant } from './tenant-text.ts';

/** Keys and indexes from the top of the document. */
export type Path = readonly (string | number)[];

const FILE_KEYS = ['groups', 'namespace'];
const GROUP_KEYS = ['name', 'interval', 'query_offset', 'limit', 'rules', 'labels'];
const RULE_KEYS = ['record', 'alert', 'expr', 'for', 'keep_firing_for', 'labels', 'annotations'];

/** Takes groups out of a document whose scalars are all texts; what has not the right form goes to `errors`. */
export class RuleFileReader {
  readonly #document: Document;
  readonly #lines: LineCounter;
  /** Each begins with line and column. */
  readonly errors: string[] = [];

  constructor(document: Document, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  groups(): UncheckedGroup[] {
    const file = this.#fields(this.#document.toJS(), [], FILE_KEYS);
    const groups = this.#list(file['groups'], ['groups']).map((group, index) => this.#group(group, ['groups', index]));
    groups.forEach(({ name }, index) => {
      const isRepeated = groups.findIndex((other) => other.name === name) < index;
      if (isRepeated) this.fail(['groups', index, 'name'], `groupname: ${quoteGo(name)} is repeated in the same file`);
    });
    return groups;
  }

  /** Notes what is wrong at `path`, or at what it stands in. */
  fail(path: Path, message: string): void {
    let node: unknown;
    for (let length = path.length; !isNode(node) && length >= 0; length--) {
      node = length === 0 ? this.#document.contents : this.#document.getIn(path.slice(0, length), true);
    }
    const { line, col } = this.#lines.linePos((isNode(node) && node.range?.[0]) || 0);
    this.errors.push(`${line}:${col}: ${message}`);
  }

  #group(value: unknown, path: Path): UncheckedGroup {
    const fields = this.#fields(value, path, GROUP_KEYS);
    return {
      name: this.#text(fields['name'], [...path, 'name']),
      intervalMs: this.#duration(fields['interval'], [...path, 'interval']) ?? 0,
      queryOffsetMs: this.#duration(fields['query_offset'], [...path, 'query_offset']),
      limit: this.#integer(fields['limit'], [...path, 'limit']),
      rules: this.#list(fields['rules'], [...path, 'rules']).map((rule, index) =>
        this.#rule(rule, [...path, 'rules', index]),
      ),
      labels: this.#texts(fields['labels'], [...path, 'labels']),
    };
  }

  #rule(value: unknown, path: Path): UncheckedRule {
    const fields = this.#fields(value, path, RULE_KEYS);
    return {
      record: this.#text(fields['record'], [...path, 'record']),
      alert: this.#text(fields['alert'], [...path, 'alert']),
      expr: this.#text(fields['expr'], [...path, 'expr']),
      forMs: this.#duration(fields['for'], [...path, 'for']) ?? 0,
      keepFiringForMs: this.#duration(fields['keep_firing_for'], [...path, 'keep_firing_for']) ?? 0,
      labels: this.#texts(fields['labels'], [...path, 'labels']),
      annotations: this.#texts(fields['annotations'], [...path, 'annotations']),
    };
  }

  #fields(value: unknown, path: Path, known: readonly string[]): Readonly<Record<string, unknown>> {
    const fields = this.#map(value, path);
    for (const key of Object.keys(fields)) {
      if (known.includes(key)) continue;
      const meant = suggest(key, known);
      this.fail([...path, key], `unknown key ${key}${meant ? `, did you mean ${meant}?` : ''}`);
    }
    return fields;
  }

  #map(value: unknown, path: Path): Readonly<Record<string, unknown>> {
    if (isNothing(value)) return {};
    if (typeof value === 'object' && !Array.isArray(value)) return value as Readonly<Record<string, unknown>>;
    this.fail(path, 'expected a map');
    return {};
  }

  #list(value: unknown, path: Path): readonly unknown[] {
    if (isNothing(value)) return [];
    if (Array.isArray(value)) return value;
    this.fail(path, 'expected a list');
    return [];
  }

  #texts(value: unknown, path: Path): TextMap {
    const entries = Object.entries(this.#map(value, path));
    return markTenant(Object.fromEntries(entries.map(([key, text]) => [key, this.#text(text, [...path, key])])));
  }

  #text(value: unknown, path: Path): string {
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    this.fail(path, 'expected a text');
    return '';
  }

  #duration(value: unknown, path: Path): number | undefined {
    if (isNothing(value)) return undefined;
    const duration = parseDuration(this.#text(value, path));
    if (duration.ok) return duration.ms;
    this.fail(path, duration.reason);
    return undefined;
  }

  #integer(value: unknown, path: Path): number {
    if (isNothing(value)) return 0;
    const text = this.#text(value, path);
    if (/^\d{1,15}$/.test(text)) return Number(text);
    this.fail(path, 'expected a whole number');
    return 0;
  }
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null || value === '' || value === '~' || value === 'null';
}
