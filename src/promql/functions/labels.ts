import type { RE2JS } from 're2js';
import { PocketCortexError } from '../../model/errors.ts';
import { compileAnchoredRe2 } from '../../model/regex.ts';
import { isValidUtf8 } from '../../model/utf8.ts';
import type { PromqlFunction } from './types.ts';

/** Functions that change labels and leave values alone. */
export const labelFunctions = {
  label_replace: {
    kind: 'labels',
    create([destination = '', replacement = '', source = '', expression = '']) {
      const regex = compileExpression(expression);
      assertLabelName(destination, 'destination', 'label_replace');
      const template = parseTemplate(replacement);
      return (labels) => {
        const matched = regex.matcher(labels.get(source));
        return matched.find() ? labels.with(destination, expand(template, matched)) : labels;
      };
    },
  },
  label_join: {
    kind: 'labels',
    create([destination = '', separator = '', ...sources]) {
      for (const source of sources) assertLabelName(source, 'source', 'label_join');
      assertLabelName(destination, 'destination', 'label_join');
      return (labels) => labels.with(destination, sources.map((source) => labels.get(source)).join(separator));
    },
  },
} as const satisfies Record<string, PromqlFunction>;

function compileExpression(expression: string): RE2JS {
  try {
    return compileAnchoredRe2(expression);
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

/** A replacement text: literal parts, and the groups that stand between them, by number or by name. */
type Template = readonly (string | { readonly group: number | string })[];

/**
 * Reads a replacement by the rules of Go's `Regexp.Expand`: `$1`, `${1}`, `$name`, `${name}`, `$$` for a dollar sign. A
 * name without braces is as long as it can be, so `$1x` is the group named `1x`; a `$` that begins nothing is itself.
 */
function parseTemplate(replacement: string): Template {
  const parts: (string | { readonly group: number | string })[] = [];
  let rest = replacement;
  for (;;) {
    const at = rest.indexOf('$');
    if (at < 0) break;
    if (at > 0) parts.push(rest.slice(0, at));
    rest = rest.slice(at);
    const reference = /^\$(?:(\$)|\{([\p{L}\p{Nd}_]+)\}|([\p{L}\p{Nd}_]+))/u.exec(rest);
    if (reference?.[1] !== undefined || !reference) {
      parts.push('$');
    } else {
      const name = (reference[2] ?? reference[3])!;
      parts.push({ group: /^(0|[1-9]\d{0,8})$/.test(name) ? Number(name) : name });
    }
    rest = rest.slice(reference?.[0].length ?? 1);
  }
  if (rest !== '') parts.push(rest);
  return parts;
}

/** A group that the expression does not have, or that matched nothing, is empty. */
function expand(template: Template, matched: ReturnType<RE2JS['matcher']>): string {
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') text += part;
    else if (typeof part.group === 'number') {
      if (part.group <= matched.groupCount()) text += matched.group(part.group) ?? '';
    } else if (Object.hasOwn(matched.namedGroups, part.group)) {
      text += matched.group(part.group) ?? '';
    }
  }
  return text;
}
