import { unreachable } from '../src/model/assert.ts';
import { formatDuration } from '../src/model/duration.ts';
import { formatFloat, formatFloatCompact } from '../src/model/go-float.ts';
import { quoteGo } from '../src/model/go-quote.ts';
import { compareText, isLegacyMetricName, METRIC_NAME } from '../src/model/labels.ts';
import { formatMatcher } from '../src/model/matcher.ts';
import type {
  AggregateExpr,
  AtModifier,
  BinaryExpr,
  DurationExpr,
  Expr,
  NumberLiteral,
  Subquery,
  VectorMatching,
  VectorSelector,
} from './ast.ts';

/** The expression on one line, as Prometheus writes it back: labels sorted, spaces settled, nothing else changed. */
export function printLine(expr: Expr): string {
  switch (expr.kind) {
    case 'number':
      return printNumber(expr);
    case 'string':
      return quoteGo(expr.value);
    case 'vector-selector':
      return printVectorSelector(expr);
    case 'matrix-selector': {
      const { metricName, matchers, extension, at, offset } = expr.selector;
      const range = printDuration(expr.range);
      return `${printSeries(metricName, matchers)}[${range}]${printExtension(extension)}${printAt(at)}${printOffset(offset)}`;
    }
    case 'subquery':
      return `${printLine(expr.expr)}${printSubqueryBrackets(expr)}`;
    case 'unary':
      return `${expr.op}${printLine(expr.operand)}`;
    case 'binary':
      return printChain(expr);
    case 'aggregate': {
      const param = expr.param ? `${printLine(expr.param)}, ` : '';
      return `${printAggregation(expr)}(${param}${printLine(expr.expr)})`;
    }
    case 'call':
      return `${expr.name}(${expr.args.map(printLine).join(', ')})`;
    case 'paren':
      return `(${printLine(expr.inner)})`;
    case 'step-invariant':
      return printLine(expr.inner);
    default:
      return unreachable(expr);
  }
}

/** Chains grow to the left, and may be long: no recursion there. */
function printChain(expr: BinaryExpr): string {
  const parts: string[] = [];
  let left: Expr = expr;
  for (; left.kind === 'binary'; left = left.left) parts.push(printLine(left.right), printOperator(left));
  parts.push(printLine(left));
  return parts.reverse().join(' ');
}

/** `sum by (job) `, with a space behind a grouping. */
export function printAggregation({ op, isWithout, grouping }: AggregateExpr): string {
  if (isWithout) return `${op} without (${printLabels(grouping)}) `;
  return grouping.length > 0 ? `${op} by (${printLabels(grouping)}) ` : op;
}

/** `* on (job) group_left (version)` */
export function printOperator({ op, isBool, matching }: BinaryExpr): string {
  return `${op}${isBool ? ' bool' : ''}${matching ? printMatching(matching) : ''}`;
}

/** `[1h:1m] @ end() offset 5m` */
export function printSubqueryBrackets({ range, step, at, offset }: Subquery): string {
  return `[${printDuration(range)}:${step ? printDuration(step) : ''}]${printAt(at)}${printOffset(offset)}`;
}

function printNumber({ value, isDuration }: NumberLiteral): string {
  return isDuration ? formatDuration(value * 1000) : formatFloat(value);
}

function printVectorSelector({ metricName, matchers, at, extension, offset }: VectorSelector): string {
  return `${printSeries(metricName, matchers)}${printAt(at)}${printExtension(extension)}${printOffset(offset)}`;
}

function printSeries(metricName: string, matchers: VectorSelector['matchers']): string {
  const conditions: string[] = [];
  for (const matcher of matchers) {
    const isName = matcher.name === METRIC_NAME && matcher.op === '=' && matcher.value === metricName;
    // An empty name has to be said: it is not the same as none.
    if (!isName || metricName === '') conditions.push(formatMatcher(matcher));
  }
  if (conditions.length === 0) return metricName === '' && matchers.length === 0 ? '{}' : metricName;
  return `${metricName}{${conditions.sort(compareText).join(',')}}`;
}

function printExtension(extension: VectorSelector['extension']): string {
  return extension ? ` ${extension}` : '';
}

function printAt(at: AtModifier | undefined): string {
  if (!at) return '';
  return at.kind === 'timestamp' ? ` @ ${printTimestamp(at.timestampMs)}` : ` @ ${at.kind}()`;
}

/** In seconds, always with three decimals. */
function printTimestamp(timestampMs: number): string {
  const sign = timestampMs < 0 ? '-' : '';
  const ms = BigInt(Math.abs(timestampMs));
  return `${sign}${ms / 1000n}.${`${ms % 1000n}`.padStart(3, '0')}`;
}

function printOffset(offset: DurationExpr | undefined): string {
  return offset ? ` offset ${printDuration(offset)}` : '';
}

/** A duration that stands alone prints with units however it was written; inside arithmetic a number stays a number. */
function printDuration(duration: DurationExpr): string {
  return duration.kind === 'duration' ? formatDuration(duration.durationMs) : printDurationTerm(duration);
}

function printDurationTerm(duration: DurationExpr): string {
  switch (duration.kind) {
    case 'duration':
      return duration.isNumber ? formatFloat(duration.durationMs / 1000) : formatDuration(duration.durationMs);
    case 'duration-binary':
      return `${printDurationTerm(duration.left)} ${duration.op} ${printDurationTerm(duration.right)}`;
    case 'duration-unary':
      return `${duration.op === '-' ? '-' : ''}${printDurationTerm(duration.operand)}`;
    case 'duration-call':
      return `${duration.name}(${duration.args.map(printDurationTerm).join(', ')})`;
    case 'duration-paren':
      return `(${printDurationTerm(duration.inner)})`;
    default:
      return unreachable(duration);
  }
}

function printMatching({ cardinality, isOn, labels, include, fillLeft, fillRight }: VectorMatching): string {
  const isGrouped = cardinality === 'many-to-one' || cardinality === 'one-to-many';
  let text = '';
  if (labels.length > 0 || isOn || isGrouped) text += ` ${isOn ? 'on' : 'ignoring'} (${printLabels(labels)})`;
  if (isGrouped) text += ` group_${cardinality === 'many-to-one' ? 'left' : 'right'} (${printLabels(include)})`;
  if (fillLeft !== undefined && fillLeft === fillRight) return `${text} fill (${formatFloatCompact(fillLeft)})`;
  if (fillLeft !== undefined) text += ` fill_left (${formatFloatCompact(fillLeft)})`;
  if (fillRight !== undefined) text += ` fill_right (${formatFloatCompact(fillRight)})`;
  return text;
}

/**
 * Without quotes wherever the name needs none to be read again, a colon in it included, as Cortex prints groupings. It never
 * quotes the labels of joins, which makes text that is no query any more: here these have quotes too.
 */
function printLabels(labels: readonly string[]): string {
  return labels.map((label) => (isLegacyMetricName(label) ? label : quoteGo(label))).join(', ');
}
