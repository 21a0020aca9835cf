import { formatFloatCompact } from '../model/go-float.ts';
import type { Plain } from './shape.ts';

/**
 * YAML as Cortex writes it: two spaces a level, lists at the level of their key, floats with an exponent from a million on.
 * Whole numbers that are floats say so with `asFloat`. Written by hand because the `yaml` library would have to be
 * loaded for it at start.
 */
export function yamlText(value: YamlTree): string {
  return isMap(value) ? writeMap(value, '') : `${writeScalar(value as Scalar)}\n`;
}

/** `Plain`, with maps in an order of their own, and floats apart from whole numbers. */
export type YamlTree = Plain | YamlFloat | ReadonlyMap<string, YamlTree>;

type Scalar = null | boolean | number | string | YamlFloat;

export class YamlFloat {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

function writeMap(map: YamlMap, indent: string): string {
  let text = '';
  for (const [key, value] of entriesOf(map)) text += `${indent}${writeScalar(key)}:${writeBehind(value, indent)}`;
  return text;
}

function writeBehind(value: YamlTree, indent: string): string {
  if (Array.isArray(value)) return value.length === 0 ? ' []\n' : `\n${writeList(value as readonly Plain[], indent)}`;
  if (isMap(value)) {
    const below = writeMap(value, `${indent}  `);
    return below === '' ? ' {}\n' : `\n${below}`;
  }
  return ` ${writeScalar(value as Scalar)}\n`;
}

function writeList(items: readonly Plain[], indent: string): string {
  let text = '';
  for (const item of items) {
    if (isMap(item)) {
      const below = writeMap(item, `${indent}  `);
      text += below === '' ? `${indent}- {}\n` : `${indent}- ${below.slice(indent.length + 2)}`;
    } else if (Array.isArray(item)) {
      text += `${indent}-${writeBehind(item, `${indent}  `)}`;
    } else {
      text += `${indent}- ${writeScalar(item as Scalar)}\n`;
    }
  }
  return text;
}

type YamlMap = ReadonlyMap<string, YamlTree> | Readonly<Record<string, Plain>>;

function isMap(value: YamlTree): value is YamlMap {
  return (
    value instanceof Map ||
    (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof YamlFloat))
  );
}

function entriesOf(map: YamlMap): Iterable<readonly [string, YamlTree]> {
  return map instanceof Map ? map : Object.entries(map);
}

function writeScalar(value: Scalar): string {
  if (value instanceof YamlFloat) return formatFloatCompact(value.value);
  if (typeof value !== 'string') return String(value);
  // Plain only where no YAML reader can take it for anything but this text; JSON's strings are YAML's.
  const isPlain = /^[A-Za-z_/][A-Za-z0-9/._-]*$/.test(value) || /^(\d+(\.\d+)?(ms|s|m|h|d|w|y))+$/.test(value);
  return isPlain && !/^(true|false|yes|no|on|off|null|y|n)$/i.test(value) ? value : JSON.stringify(value);
}
