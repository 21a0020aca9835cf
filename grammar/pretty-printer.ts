import type { Expr } from './ast.ts';
import { printAggregation, printLine, printOperator, printSubqueryBrackets } from './printer.ts';

/** Bytes a line may have before its expression is broken up. */
const LINE_LIMIT = 100;

/** The expression over as many lines as it needs, as Prometheus's `format_query` lays it out. */
export function printPretty(expr: Expr): string {
  return printAt(expr, 0);
}

/** `level` is the indentation the expression starts its line with; its first line is indented here. */
function printAt(expr: Expr, level: number): string {
  const line = printLine(expr);
  const indent = '  '.repeat(level);
  const isShort = Buffer.byteLength(line) <= LINE_LIMIT;
  switch (expr.kind) {
    case 'unary':
      return `${indent}${expr.op}${printAt(expr.operand, level).trim()}`;
    case 'step-invariant':
      return printAt(expr.inner, level);
    case 'subquery':
      // Prometheus does not indent a subquery that fits its line.
      return isShort ? line : `${printAt(expr.expr, level)}${printSubqueryBrackets(expr)}`;
    case 'number':
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
      return indent + line;
    default:
      if (isShort) return indent + line;
  }
  switch (expr.kind) {
    case 'binary':
      return `${printAt(expr.left, level + 1)}\n${indent}${printOperator(expr)}\n${printAt(expr.right, level + 1)}`;
    case 'paren':
      return `${indent}(\n${printAt(expr.inner, level + 1)}\n${indent})`;
    case 'call': {
      const args = expr.args.map((arg) => printAt(arg, level + 1)).join(',\n');
      return `${indent}${expr.name}(\n${args}\n${indent})`;
    }
    case 'aggregate': {
      const param = expr.param ? `${printAt(expr.param, level + 1)},\n` : '';
      return `${indent}${printAggregation(expr)}(\n${param}${printAt(expr.expr, level + 1)}\n${indent})`;
    }
  }
}
