import { decodeUtf8 } from '../../model/utf8.ts';
import type { MetricMetadata, MetricType } from '../../model/write-batch.ts';
import { LineFault } from './text-error.ts';

const types: Readonly<Record<string, MetricType>> = {
  counter: 'counter',
  gauge: 'gauge',
  histogram: 'histogram',
  gaugehistogram: 'gaugehistogram',
  summary: 'summary',
  info: 'info',
  stateset: 'stateset',
  unknown: 'unknown',
  untyped: 'unknown',
};

/** `# HELP name text`; the name may stand in quotes. */
const COMMENT = /^#[ \t]+(HELP|TYPE|UNIT)[ \t]+("(?:[^"\\]|\\.)*"|[^ \t"]+)(?:[ \t]+(.*))?$/s;
const END = /^#[ \t]*EOF[ \t]*$/;
const COMMENT_START = /^#[ \t]+(HELP|TYPE|UNIT)(?![^ \t])/;

/** Puts together what the comments of a family say. Whatever else is behind a `#` is somebody's remark. */
export class FamilyComments {
  readonly #add: (metadata: MetricMetadata) => void;
  #current: MetricMetadata | undefined;

  constructor(add: (metadata: MetricMetadata) => void) {
    this.#add = add;
  }

  /** Takes a line that begins with `#`. Whether it ends the text. @throws {LineFault} */
  parse(bytes: Uint8Array, start: number, end: number): boolean {
    const line = decodeUtf8(bytes, start, end);
    if (END.test(line)) return true;
    const [, keyword, sentName = '', text = ''] = COMMENT.exec(line) ?? [];
    if (keyword === undefined) {
      if (COMMENT_START.test(line)) throw new LineFault(start, 'a comment of a family names its metric');
      return false;
    }
    const metric = sentName.startsWith('"') ? unescapeText(sentName.slice(1, -1)) : sentName;
    if (!metric.isWellFormed() || !text.isWellFormed()) throw new LineFault(start, 'no valid UTF-8');
    if (this.#current?.metric !== metric) this.flush();
    this.#current = { metric, type: 'unknown', help: '', unit: '', ...this.#current, ...said(keyword, text, start) };
    return false;
  }

  /** Hands on what was said of the family so far. */
  flush(): void {
    if (this.#current !== undefined) this.#add(this.#current);
    this.#current = undefined;
  }
}

function said(keyword: string, text: string, start: number): Partial<MetricMetadata> {
  if (keyword === 'HELP') return { help: unescapeText(text) };
  if (keyword === 'UNIT') return { unit: text.trim() };
  const name = text.trim();
  const type = Object.hasOwn(types, name) ? types[name] : undefined;
  if (type === undefined) throw new LineFault(start, `${JSON.stringify(name)} is no type of metric`);
  return { type };
}

function unescapeText(text: string): string {
  return text.replaceAll(/\\([\\"n])/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}
