import type { Expr } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { unreachable } from '../model/assert.ts';
import { ABSENT, createStepColumn, FLOAT, histogramAt, SampleColumns } from '../model/columns.ts';
import { Labels } from '../model/labels.ts';
import type { NativeHistogram } from '../model/native-histogram.ts';
import type { MatrixValue, QueryValue, RawMatrixValue, VectorValue } from '../model/query-result.ts';
import { sortInSlices } from '../model/sort-in-slices.ts';
import type { Work } from '../model/work.ts';
import { AnswerColumns } from './answer-columns.ts';
import { settleName } from './operators/metric-name.ts';
import type { VectorOperator } from './operators/operator.ts';
import { samplesWeight } from './operators/sample-weight.ts';
import { DropNameOperator } from './operators/timestamps.ts';
import { planRange, planScalar, planVector } from './plan.ts';
import { mergeDuplicates, type Scope } from './plan-scope.ts';

type MatrixSeries = MatrixValue['series'][number];
type RawSeries = RawMatrixValue['series'][number];

/** The value of an expression at the only step of the scope's grid, in the type of the expression. */
export function* evaluateInstant(expr: Expr, scope: Scope): Work<QueryValue> {
  const timestampMs = scope.grid.startMs;
  const type = typeOf(expr);
  switch (type) {
    case 'vector':
      return yield* evaluateVector(expr, scope);
    case 'matrix':
      return yield* evaluateRaw(expr, scope);
    case 'scalar': {
      const [value] = yield* evaluateScalar(expr, scope);
      return { kind: 'scalar', timestampMs, value: value! };
    }
    case 'string':
      return { kind: 'string', timestampMs, value: expr.kind === 'string' ? expr.value : '' };
    default:
      return unreachable(type);
  }
}

/** The values of an instant vector or a scalar over the scope's grid, series in the order of their labels. */
export function* evaluateMatrix(expr: Expr, scope: Scope): Work<MatrixValue> {
  const { grid } = scope;
  if (grid.count === 0) return { kind: 'matrix', grid, series: [] };
  if (typeOf(expr) === 'scalar') {
    const values = yield* evaluateScalar(expr, scope);
    const column = { values, present: new Uint8Array(grid.count).fill(FLOAT) };
    return { kind: 'matrix', grid, series: [{ labels: Labels.EMPTY, column }] };
  }
  const operator = planResult(expr, scope);
  try {
    const series: MatrixSeries[] = [];
    const columns = new AnswerColumns(grid.count);
    for (const labels of yield* operator.prepare()) {
      operator.next(columns.open);
      const column = columns.keep();
      if (column) series.push({ labels, column });
      yield;
    }
    return { kind: 'matrix', grid, series: yield* sortInSlices(series, byLabels) };
  } finally {
    operator.close();
  }
}

/** Keeps the order of the operators: `sort` and `topk` mean it. */
function* evaluateVector(expr: Expr, scope: Scope): Work<VectorValue> {
  const operator = planResult(expr, scope);
  try {
    const listed = yield* operator.prepare();
    const labels: Labels[] = [];
    const values = new Float64Array(listed.length);
    let histograms: (NativeHistogram | undefined)[] | undefined;
    const column = createStepColumn(1);
    for (const own of listed) {
      operator.next(column);
      if (column.present[0] !== ABSENT) {
        const histogram = histogramAt(column, 0);
        if (histogram) histograms ??= new Array<NativeHistogram | undefined>(labels.length).fill(undefined);
        histograms?.push(histogram);
        values[labels.length] = histogram ? 0 : column.values[0]!;
        labels.push(own);
      }
      yield;
    }
    const found = labels.length < listed.length ? values.slice(0, labels.length) : values;
    return { kind: 'vector', timestampMs: scope.grid.startMs, labels, values: found, histograms };
  } finally {
    operator.close();
  }
}

/** With delayed name removal this is the end of the delay. */
function planResult(expr: Expr, scope: Scope): VectorOperator {
  const operator = planVector(expr, scope);
  if (!scope.context.features.delayedNameRemoval) return operator;
  return mergeDuplicates(new DropNameOperator(operator, settleName), scope);
}

function* evaluateScalar(expr: Expr, scope: Scope): Work<Float64Array> {
  const operator = planScalar(expr, scope);
  try {
    const values = new Float64Array(scope.grid.count);
    yield* operator.evaluate(values);
    return values;
  } finally {
    operator.close();
  }
}

function* evaluateRaw(expr: Expr, scope: Scope): Work<RawMatrixValue> {
  const operator = planRange(expr, { ...scope, isAnswer: true });
  try {
    const series: RawSeries[] = [];
    for (const labels of yield* operator.prepare()) {
      const { samples, from, to } = operator.next();
      const first = from[0]!;
      const end = to[0]!;
      if (end > first) {
        const own = new SampleColumns(end - first);
        own.appendFrom(samples, first, end);
        // What a subquery's inside yielded is held already.
        if (expr.kind === 'matrix-selector') scope.context.account.hold(samplesWeight(own));
        series.push({ labels: settleName(labels), samples: own });
      }
      yield;
    }
    return { kind: 'raw-matrix', series: yield* sortInSlices(series, byLabels) };
  } finally {
    operator.close();
  }
}

function byLabels(a: { readonly labels: Labels }, b: { readonly labels: Labels }): number {
  return a.labels.compare(b.labels);
}
