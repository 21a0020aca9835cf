import { compareText } from '../model/labels.ts';

/** What the writer takes: an object's undefined values are left out. */
export type YamlValue = string | number | readonly YamlValue[] | { readonly [key: string]: YamlValue | undefined };

/**
 * Block-style YAML the way Go's yaml.v3 lays it out, which is how Cortex prints rules: four spaces a level, lists
 * indented, texts plain where they can be.
 */
export function writeYaml(value: YamlValue): string {
  return writeBlock(value, 0);
}

/** An object whose keys come in order, as Go prints a map. */
export function sortedKeys<Value>(record: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => compareText(a, b)));
}

/** Where the next level starts: at the next multiple of four, which inside a list item is two further. */
function nextIndent(indent: number): number {
  return 4 * Math.floor((indent + 4) / 4);
}

function writeBlock(value: YamlValue, indent: number): string {
  const margin = ' '.repeat(indent);
  if (isList(value)) return value.map((item) => `${margin}- ${writeItem(item, indent)}`).join('');
  if (typeof value !== 'object') return `${margin}${writeScalar(value, indent)}\n`;
  let text = '';
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined) continue;
    text += `${margin}${writeKey(key, indent)}:${writeField(field, indent)}`;
  }
  return text;
}

/** A key stands on one line. */
function writeKey(key: string, indent: number): string {
  return key.includes('\n') ? JSON.stringify(key) : writeScalar(key, indent);
}

function writeField(value: YamlValue, indent: number): string {
  if (typeof value !== 'object') return ` ${writeScalar(value, indent)}\n`;
  if (isList(value)) return value.length === 0 ? ' []\n' : `\n${writeBlock(value, nextIndent(indent))}`;
  return Object.keys(value).length === 0 ? ' {}\n' : `\n${writeBlock(value, nextIndent(indent))}`;
}

/** An item starts on the line of its dash, so its first line loses the margin that the dash stands in. */
function writeItem(value: YamlValue, indent: number): string {
  return typeof value === 'object'
    ? writeBlock(value, indent + 2).slice(indent + 2)
    : `${writeScalar(value, indent)}\n`;
}

function isList(value: YamlValue): value is readonly YamlValue[] {
  return Array.isArray(value);
}

/** A scalar behind a key that stands `indent` in; the lines of a text in several stand `below` in. */
export function writeScalar(value: string | number, indent: number, below = nextIndent(indent)): string {
  if (typeof value === 'number') return String(value);
  if (/[^\n -~\u00a0-\ud7ff\ue000-\ufffd]/u.test(value)) return JSON.stringify(value);
  // A space at the end of a line would be lost on whoever edits the file: no literal for that.
  if (/ \n|\n.* $/.test(value)) return JSON.stringify(value);
  if (value.includes('\n')) return writeLiteral(value, indent, below);
  if (looksLikeAnotherType(value)) return JSON.stringify(value);
  if (isPlain(value)) return value;
  return /^ | $/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

/** A text that a YAML reader would take for null, a bool, a number or a time if it stood there without quotes. */
function looksLikeAnotherType(text: string): boolean {
  return (
    /^(|~|null|true|false|y|yes|n|no|on|off|<<)$/i.test(text) ||
    /^[-+]?(\.\d+|\d[\d_]*(\.[\d_]*)?)(e[-+]?\d+)?$/i.test(text) ||
    /^[-+]?0[xob][\da-f_]+$/i.test(text) ||
    /^[-+]?(\.inf|\.nan)$/i.test(text) ||
    /^[-+]?\d+(:[0-5]?\d)+(\.\d*)?$/.test(text) ||
    /^\d{4}-\d\d?-\d\d?([Tt ].*)?$/.test(text)
  );
}

function isPlain(text: string): boolean {
  return !/^[-?:](\s|$)|^[,[\]{}#&*!|>'"%@`\s]|^---|^\.\.\./.test(text) && !/:(\s|$)|\s#|\s$/.test(text);
}

/** A text of several lines behind `|`. */
function writeLiteral(text: string, indent: number, below: number): string {
  // The reader takes the first line's margin for the block's, unless a number says how wide that is.
  const width = /^[ \n]/.test(text) ? String(below - indent) : '';
  const ending = text.endsWith('\n') ? (/(^|\n)\n$/.test(text) ? '+' : '') : '-';
  const lines = (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
  const margin = ' '.repeat(below);
  return `|${width}${ending}\n${lines.map((line) => (line === '' ? '' : margin + line)).join('\n')}`;
}
