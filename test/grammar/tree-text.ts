import type { AtModifier, DurationExpr, Expr, VectorMatching, VectorSelector } from '../../grammar/ast.ts';
import { unreachable } from '../../src/model/assert.ts';
import { formatMatcher } from '../../src/model/matcher.ts';

/** A tree as the case files write it: `kind(what is said, children)`; what is not said is left out. */
export function treeText(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return `${expr.isDuration ? 'duration' : 'number'}(${Object.is(expr.value, -0) ? '-0' : expr.value})`;
    case 'string':
      return `string(${JSON.stringify(expr.value)})`;
    case 'vector-selector':
      return node('vector', ...selectorText(expr));
    case 'matrix-selector':
      return node('matrix', ...selectorText(expr.selector), `[${durationText(expr.range)}]`);
    case 'subquery': {
      const step = expr.step ? durationText(expr.step) : 'default';
      const range = `[${durationText(expr.range)}:${step}]`;
      return node('subquery', treeText(expr.expr), range, ...modifierText(expr));
    }
    case 'unary':
      return node(expr.op, treeText(expr.operand));
    case 'binary': {
      const op = expr.isBool ? `${expr.op} bool` : expr.op;
      return node(op, treeText(expr.left), treeText(expr.right), ...(expr.matching ? matchingText(expr.matching) : []));
    }
    case 'aggregate': {
      const grouping = `${expr.isWithout ? 'without' : 'by'} ${JSON.stringify(expr.grouping)}`;
      return node(expr.op, grouping, ...(expr.param ? [treeText(expr.param)] : []), treeText(expr.expr));
    }
    case 'call':
      return node(`call ${expr.name}`, ...expr.args.map(treeText));
    case 'paren':
      return node('paren', treeText(expr.inner));
    case 'step-invariant':
      return node('step-invariant', treeText(expr.inner));
    default:
      return unreachable(expr);
  }
}

function selectorText(selector: VectorSelector): string[] {
  const { metricName, matchers, extension } = selector;
  const conditions = matchers.map(formatMatcher);
  const name = metricName === '' ? [] : [metricName];
  // The name stands among the matchers too, as the last.
  if (metricName !== '') conditions.pop();
  return [...name, ...conditions, ...(extension ? [extension] : []), ...modifierText(selector)];
}

function modifierText({ at, offset }: { at: AtModifier | undefined; offset: DurationExpr | undefined }): string[] {
  const parts: string[] = [];
  if (at) parts.push(at.kind === 'timestamp' ? `@ ${at.timestampMs}ms` : `@ ${at.kind}`);
  if (offset) parts.push(`offset ${durationText(offset)}`);
  return parts;
}

function durationText(duration: DurationExpr): string {
  switch (duration.kind) {
    case 'duration':
      return `${duration.durationMs}ms`;
    case 'duration-binary':
      return node(duration.op, durationText(duration.left), durationText(duration.right));
    case 'duration-unary':
      return node(duration.op, durationText(duration.operand));
    case 'duration-call':
      return node(duration.name, ...duration.args.map(durationText));
    case 'duration-paren':
      return node('paren', durationText(duration.inner));
    default:
      return unreachable(duration);
  }
}

function matchingText({ cardinality, isOn, labels, include, fillLeft, fillRight }: VectorMatching): string[] {
  const parts: string[] = [];
  if (isOn || labels.length > 0) parts.push(`${isOn ? 'on' : 'ignoring'} ${JSON.stringify(labels)}`);
  if (cardinality !== 'one-to-one') parts.push(cardinality);
  if (include.length > 0) parts.push(`include ${JSON.stringify(include)}`);
  if (fillLeft !== undefined) parts.push(`fill left ${fillLeft}`);
  if (fillRight !== undefined) parts.push(`fill right ${fillRight}`);
  return parts;
}

function node(kind: string, ...parts: string[]): string {
  return `${kind}(${parts.join(', ')})`;
}
