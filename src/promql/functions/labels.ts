import { PocketCortexError } from '../../model/errors.ts';
import { type CapturingRegex, compileCapturing } from '../../model/regex.ts';
import { expandTemplate, parseTemplate, templateLength } from '../../model/regex-template.ts';
import { isValidUtf8 } from '../../model/utf8.ts';
import type { Work } from '../../model/work.ts';
import type { PromqlFunction } from './types.ts';

/** What the values that one call makes may have together: a replacement may repeat a group a hundred thousand times. */
const MADE_LIMIT_CHARACTERS = 1 << 26;

/** Source values whose replacement is remembered: series are many, and their values repeat. */
const REMEMBERED_LIMIT = 10_000;

/** Functions that change labels and leave values alone. */
export const labelFunctions = {
  label_replace: {
    kind: 'labels',
    create([destination = '', replacement = '', source = '', expression = '']) {
      const regex = compileExpression(expression);
      assertLabelName(destination, 'destination', 'label_replace');
      const replace = replacer(regex, replacement);
      return function* (labels) {
        const value = yield* replace(labels.get(source));
        return value === undefined ? labels : labels.with(destination, value);
      };
    },
  },
  label_join: {
    kind: 'labels',
    create([destination = '', separator = '', ...sources]) {
      for (const source of sources) assertLabelName(source, 'source', 'label_join');
      assertLabelName(destination, 'destination', 'label_join');
      const room = new Room('label_join');
      return function* (labels) {
        const values = sources.map((source) => labels.get(source));
        let length = separator.length * Math.max(0, values.length - 1);
        for (const value of values) length += value.length;
        room.take(length);
        return labels.with(destination, values.join(separator));
      };
    },
  },
} as const satisfies Record<string, PromqlFunction>;

/** What a value becomes; undefined when the expression does not match. */
function replacer(regex: CapturingRegex, replacement: string): (value: string) => Work<string | undefined> {
  const template = parseTemplate(replacement);
  const room = new Room('label_replace');
  const remembered = new Map<string, string | undefined>();
  return function* (value) {
    if (remembered.has(value)) return remembered.get(value);
    const captures = yield* regex.match(value);
    let replaced: string | undefined;
    if (captures) {
      room.take(templateLength(template, captures, regex.groupsOfName));
      replaced = expandTemplate(template, captures, regex.groupsOfName);
    }
    if (remembered.size < REMEMBERED_LIMIT) remembered.set(value, replaced);
    return replaced;
  };
}

/** Bounds the memory that made values take. */
class Room {
  readonly #functionName: string;
  #madeCharacters = 0;

  constructor(functionName: string) {
    this.#functionName = functionName;
  }

  /** @throws {PocketCortexError} `execution-error` */
  take(characters: number): void {
    this.#madeCharacters += characters;
    if (this.#madeCharacters > MADE_LIMIT_CHARACTERS) {
      throw new PocketCortexError('execution-error', `${this.#functionName}() makes too long label values`);
    }
  }
}

function compileExpression(expression: string): CapturingRegex {
  try {
    return compileCapturing(expression);
  } catch (error) {
    throw new PocketCortexError('execution-error', `invalid regular expression in label_replace(): ${expression}`, {
      cause: error,
    });
  }
}

function assertLabelName(name: string, role: 'source' | 'destination', functionName: string): void {
  if (name !== '' && isValidUtf8(name)) return;
  throw new PocketCortexError('execution-error', `invalid ${role} label name in ${functionName}(): ${name}`);
}
