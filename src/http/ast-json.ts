import type { AtModifier, BinaryExpr, DurationExpr, Expr, VectorSelector } from '../../grammar/ast.ts';
import { findFunction } from '../../grammar/functions.ts';
import { unreachable } from '../model/assert.ts';
import { formatFloat } from '../model/go-float.ts';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** An expression as Prometheus's `parse_query` shows it; durations in milliseconds. */
export function astJson(expr: Expr): JsonValue {
  switch (expr.kind) {
    case 'number':
      return { type: 'numberLiteral', val: formatFloat(expr.value) };
    case 'string':
      return { type: 'stringLiteral', val: expr.value };
    case 'vector-selector':
      return { type: 'vectorSelector', ...selectorJson(expr) };
    case 'matrix-selector':
      return { type: 'matrixSelector', ...selectorJson(expr.selector), range: durationMs(expr.range) };
    case 'subquery':
      return {
        type: 'subquery',
        expr: astJson(expr.expr),
        range: durationMs(expr.range),
        step: durationMs(expr.step),
        ...placeJson(expr.offset, expr.at),
      };
    case 'unary':
      return { type: 'unaryExpr', op: expr.op, expr: astJson(expr.operand) };
    case 'paren':
      return { type: 'parenExpr', expr: astJson(expr.inner) };
    case 'step-invariant':
      return astJson(expr.inner);
    case 'binary':
      return binaryJson(expr);
    case 'aggregate':
      return {
        type: 'aggregation',
        op: expr.op,
        expr: astJson(expr.expr),
        param: expr.param ? astJson(expr.param) : null,
        grouping: expr.grouping,
        without: expr.isWithout,
      };
    case 'call': {
      const { argTypes = [], variadic = 0, returnType = 'vector' } = findFunction(expr.name, '3.9') ?? {};
      return { type: 'call', func: { name: expr.name, argTypes, variadic, returnType }, args: expr.args.map(astJson) };
    }
    default:
      return unreachable(expr);
  }
}

function selectorJson({ metricName, matchers, offset, at, extension }: VectorSelector): Record<string, JsonValue> {
  return {
    name: metricName,
    ...placeJson(offset, at),
    matchers: matchers.map(({ name, op, value }) => ({ name, value, type: op })),
    anchored: extension === 'anchored',
    smoothed: extension === 'smoothed',
  };
}

function placeJson(offset: DurationExpr | undefined, at: AtModifier | undefined): Record<string, JsonValue> {
  return {
    offset: durationMs(offset),
    timestamp: at?.kind === 'timestamp' ? at.timestampMs : null,
    startOrEnd: at === undefined || at.kind === 'timestamp' ? null : at.kind,
  };
}

function binaryJson({ op, left, right, isBool, matching }: BinaryExpr): JsonValue {
  return {
    type: 'binaryExpr',
    op,
    lhs: astJson(left),
    rhs: astJson(right),
    bool: isBool,
    matching: matching
      ? {
          card: matching.cardinality,
          labels: matching.labels,
          on: matching.isOn,
          include: matching.include,
          ...((matching.fillLeft !== undefined || matching.fillRight !== undefined) && {
            fillValues: { lhs: matching.fillLeft ?? null, rhs: matching.fillRight ?? null },
          }),
        }
      : null,
  };
}

/** A duration that is an expression has no length before the query is run; Prometheus shows 0 for it. */
function durationMs(duration: DurationExpr | undefined): number {
  return duration?.kind === 'duration' ? duration.durationMs : 0;
}
