/** A replacement text: literal parts, and the groups that stand between them, by number or by name. */
export type Template = readonly (string | { readonly group: number | string })[];

/**
 * Reads a replacement by the rules of Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, `${name}`, `$$` for a dollar sign. A
 * name without braces is as long as it can be, so `$1x` is the group named `1x`; a `$` that begins nothing is itself.
 */
export function parseTemplate(replacement: string): Template {
  const parts: (string | { readonly group: number | string })[] = [];
  const reference = /\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/uy;
  let copied = 0;
  for (let at = replacement.indexOf('$'); at >= 0; at = replacement.indexOf('$', copied)) {
    if (at > copied) parts.push(replacement.slice(copied, at));
    reference.lastIndex = at;
    const [whole = '$', dollar, braced, bare] = reference.exec(replacement) ?? [];
    const name = braced ?? bare;
    if (dollar !== undefined || name === undefined) parts.push('$');
    else parts.push({ group: /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name });
    copied = at + whole.length;
  }
  if (copied < replacement.length) parts.push(replacement.slice(copied));
  return parts;
}

/** A group that the expression does not have, or that took no part, is empty; of several with one name the first that did counts. */
export function expandTemplate(
  template: Template,
  captures: readonly string[],
  groupsOfName: ReadonlyMap<string, readonly number[]>,
): string {
  // One join: a text that grows part by part is a tree of so many nodes until somebody reads it.
  return template.map((part) => textOf(part, captures, groupsOfName)).join('');
}

/** The length of what `expandTemplate` would give. */
export function templateLength(
  template: Template,
  captures: readonly string[],
  groupsOfName: ReadonlyMap<string, readonly number[]>,
): number {
  let length = 0;
  for (const part of template) length += textOf(part, captures, groupsOfName).length;
  return length;
}

function textOf(
  part: Template[number],
  captures: readonly string[],
  groupsOfName: ReadonlyMap<string, readonly number[]>,
): string {
  if (typeof part === 'string') return part;
  if (typeof part.group === 'number') return captures[part.group] ?? '';
  return firstFilled(groupsOfName.get(part.group) ?? [], captures);
}

function firstFilled(groups: readonly number[], captures: readonly string[]): string {
  for (const group of groups) if (captures[group] !== '') return captures[group]!;
  return '';
}
