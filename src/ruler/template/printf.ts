import { assertTextFits } from './execution-error.ts';
import { type Directive, formatValue, PLAIN } from './format-value.ts';
import { type GoValue, typeName, unwrap } from './values.ts';

/** Go's `Sprint`: with a space between two values of which none is a string. */
export function print(values: readonly GoValue[]): string {
  let text = '';
  values.forEach((value, index) => {
    const isApart = index > 0 && !isString(value) && !isString(values[index - 1]!);
    text += (isApart ? ' ' : '') + formatValue(value, PLAIN);
  });
  return text;
}

/** Go's `Sprintln`: with a space between all values and a line break at the end. */
export function printLine(values: readonly GoValue[]): string {
  return `${values.map((value) => formatValue(value, PLAIN)).join(' ')}\n`;
}

function isString(value: GoValue): boolean {
  return unwrap(value).kind === 'string';
}

/** Go takes no wider ones. */
const WIDTH_LIMIT = 1_000_000;

/** Go's `Sprintf`. What does not fit stands in the text, as in Go: `%!d(string=hi)`, `%!s(MISSING)`. */
export function printFormatted(format: string, values: readonly GoValue[]): string {
  return new Printer(format, values).print();
}

class Printer {
  readonly #format: string;
  readonly #values: readonly GoValue[];
  #at = 0;
  #text = '';
  /** The next value to take. */
  #valueIndex = 0;
  #hasReordered = false;
  #isIndexBad = false;

  constructor(format: string, values: readonly GoValue[]) {
    this.#format = format;
    this.#values = values;
  }

  print(): string {
    for (;;) {
      const start = this.#format.indexOf('%', this.#at);
      this.#text += this.#format.slice(this.#at, start < 0 ? undefined : start);
      if (start < 0) break;
      this.#at = start + 1;
      this.#directive();
      assertTextFits(this.#text.length);
    }
    const extra = this.#values.slice(this.#valueIndex);
    if (!this.#hasReordered && extra.length > 0) {
      const texts = extra.map((value) => {
        const inner = unwrap(value);
        return inner.kind === 'nothing' ? '<nil>' : `${typeName(inner)}=${formatValue(inner, PLAIN)}`;
      });
      this.#text += `%!(EXTRA ${texts.join(', ')})`;
    }
    return this.#text;
  }

  #directive(): void {
    this.#isIndexBad = false;
    const flags = this.#take(/[#0+\- ]*/y);
    let hasMinus = flags.includes('-');
    let isAfterIndex = this.#argumentIndex();
    let width: number | undefined;
    if (this.#take(/\*/y) !== '') {
      width = this.#integerArgument();
      if (width === undefined) this.#text += '%!(BADWIDTH)';
      else if (width < 0) {
        width = -width;
        hasMinus = true;
      }
      isAfterIndex = false;
    } else {
      const digits = this.#take(/\d+/y);
      width = digits === '' ? undefined : this.#number(digits);
      if (isAfterIndex && width !== undefined) this.#isIndexBad = true;
    }
    let precision: number | undefined;
    if (this.#take(/\./y) !== '') {
      if (isAfterIndex) this.#isIndexBad = true;
      isAfterIndex = this.#argumentIndex();
      if (this.#take(/\*/y) !== '') {
        precision = this.#integerArgument();
        if (precision === undefined || precision < 0) {
          precision = undefined;
          this.#text += '%!(BADPREC)';
        }
        isAfterIndex = false;
      } else {
        precision = this.#number(this.#take(/\d*/y)) ?? 0;
      }
    }
    if (!isAfterIndex) this.#argumentIndex();
    const verb = this.#take(/./suy);
    const hasZero = flags.includes('0') && !hasMinus;
    this.#value({
      verb,
      hasPlus: flags.includes('+'),
      hasMinus,
      hasSharp: flags.includes('#'),
      hasSpace: flags.includes(' '),
      hasZero,
      width,
      precision,
    });
  }

  #value(directive: Directive): void {
    const { verb } = directive;
    if (verb === '') {
      this.#text += '%!(NOVERB)';
    } else if (verb === '%') {
      this.#text += '%';
    } else if (this.#isIndexBad) {
      this.#text += `%!${verb}(BADINDEX)`;
    } else if (this.#valueIndex >= this.#values.length) {
      this.#text += `%!${verb}(MISSING)`;
    } else {
      this.#text += formatValue(this.#values[this.#valueIndex++]!, directive);
    }
  }

  /** `[2]`: which value is next, from 1. Whether there was one. */
  #argumentIndex(): boolean {
    if (this.#format[this.#at] !== '[') return false;
    this.#hasReordered = true;
    const index = /\[(\d+)\]/y;
    index.lastIndex = this.#at;
    const match = index.exec(this.#format);
    const value = Number(match?.[1] ?? 0) - 1;
    const end = this.#format.indexOf(']', this.#at);
    this.#at = end < 0 ? this.#at + 1 : end + 1;
    if (value < 0 || value >= this.#values.length) this.#isIndexBad = true;
    else this.#valueIndex = value;
    return end >= 0;
  }

  /** The next value as a width or a precision; undefined when it is none. */
  #integerArgument(): number | undefined {
    const value = this.#values[this.#valueIndex];
    if (value === undefined) return undefined;
    this.#valueIndex += 1;
    const inner = unwrap(value);
    if (inner.kind !== 'int') return undefined;
    return this.#number(String(inner.value));
  }

  #number(digits: string): number | undefined {
    const number = Number(digits);
    return digits === '' || Math.abs(number) > WIDTH_LIMIT ? undefined : number;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const text = pattern.exec(this.#format)?.[0] ?? '';
    this.#at += text.length;
    return text;
  }
}
