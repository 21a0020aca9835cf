import type { AggregateExpr, BinaryExpr, Expr, MatrixSelector, Subquery, VectorSelector } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { AssertionFailure, assert, unreachable } from '../model/assert.ts';
import type { StepGrid } from '../model/columns.ts';
import { meteredRange, meteredScalar, meteredVector } from './metered.ts';
import { accumulators } from './operators/accumulators.ts';
import { AggregateOperator } from './operators/aggregate.ts';
import { CountValuesOperator } from './operators/aggregate-count-values.ts';
import { LimitOperator } from './operators/aggregate-limit.ts';
import { LimitRatioOperator } from './operators/aggregate-limit-ratio.ts';
import { QuantileAggregateOperator } from './operators/aggregate-quantile.ts';
import { RankedAggregateOperator } from './operators/aggregate-ranked.ts';
import { isSetOp, isTrimOp, operations } from './operators/arithmetic.ts';
import { BinaryVectorOperator } from './operators/binary-vector.ts';
import { BinaryVectorScalarOperator } from './operators/binary-vector-scalar.ts';
import { LONG_STEP_COUNT, LongSubqueryOperator } from './operators/long-subquery.ts';
import { NegateVectorOperator } from './operators/negate.ts';
import { notesAt } from './operators/notes.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operators/operator.ts';
import { RangeSelectorOperator } from './operators/range-selector.ts';
import { BinaryScalarOperator, ConstantOperator, NegateScalarOperator } from './operators/scalars.ts';
import { SetOperator } from './operators/set-operator.ts';
import { SmoothedSelectorOperator } from './operators/smoothed-selector.ts';
import { StepInvariantScalarOperator, StepInvariantVectorOperator } from './operators/step-invariant.ts';
import { SubqueryOperator, subqueryGrid } from './operators/subquery.ts';
import { type SelectorSpec, VectorSelectorOperator } from './operators/vector-selector.ts';
import { momentsOf } from './operators/windows.ts';
import { type Planner, planScalarCall, planVectorCall } from './plan-call.ts';
import { atMs, durationMs, mergeDuplicates, needingBuckets, onlyStep, type Scope, selectorSpec } from './plan-scope.ts';
import { hasScalar } from './scalar-parts.ts';

const planner: Planner = { vector: planVector, scalar: planScalar, range: planRange };

/** Operators for a tree that `rewrite` has readied and whose type is an instant vector. */
export function planVector(expr: Expr, scope: Scope): VectorOperator {
  const meter = scope.meter?.child(expr, scope.grid.count);
  const operator = planVectorPart(expr, meter ? { ...scope, meter } : scope);
  return meter ? meteredVector(operator, meter) : operator;
}

function planVectorPart(expr: Expr, scope: Scope): VectorOperator {
  switch (expr.kind) {
    case 'vector-selector':
      return expr.extension === 'smoothed'
        ? new SmoothedSelectorOperator(
            scope.context,
            scope.grid,
            selectorSpec(expr, scope),
            notesAt(scope.context, { about: expr, by: expr }),
          )
        : new VectorSelectorOperator(scope.context, scope.grid, vectorSelectorSpec(expr, scope));
    case 'unary': {
      const operand = planVector(expr.operand, scope);
      return expr.op === '-'
        ? mergeDuplicates(new NegateVectorOperator(operand, scope.context.dropName), scope)
        : operand;
    }
    case 'binary':
      return planBinary(expr, scope);
    case 'aggregate':
      return planAggregate(expr, scope);
    case 'call':
      return planVectorCall(expr, scope, planner);
    case 'paren':
      return planVector(expr.inner, scope);
    case 'step-invariant':
      return new StepInvariantVectorOperator(planVector(expr.inner, onlyStep(scope)), scope.context.account);
    case 'number':
    case 'string':
    case 'matrix-selector':
    case 'subquery':
      throw wrongType(expr, 'instant vector');
    default:
      return unreachable(expr);
  }
}

/**
 * The samples that a vector selector takes. In the parameter of an aggregation Prometheus does not hold a selector at the moment of
 * its `@`: from there it moves on with the steps, though it reads nothing after that moment, until its samples are too old.
 */
function vectorSelectorSpec(selector: VectorSelector, scope: Scope): SelectorSpec {
  const spec = selectorSpec(selector, scope);
  if (!scope.isInParameter || spec.atMs === undefined) return spec;
  return {
    ...spec,
    atMs: undefined,
    offsetMs: spec.offsetMs + scope.grid.startMs - spec.atMs,
    lastMs: spec.atMs - spec.offsetMs,
  };
}

/** Operators for a readied tree whose type is scalar. */
export function planScalar(expr: Expr, scope: Scope): ScalarOperator {
  const meter = scope.meter?.child(expr, scope.grid.count);
  const operator = planScalarPart(expr, meter ? { ...scope, meter } : scope);
  return meter ? meteredScalar(operator, meter) : operator;
}

function planScalarPart(expr: Expr, scope: Scope): ScalarOperator {
  switch (expr.kind) {
    case 'number':
      return new ConstantOperator(expr.value, scope.context.account);
    case 'unary': {
      const operand = planScalar(expr.operand, scope);
      return expr.op === '-' ? new NegateScalarOperator(operand) : operand;
    }
    case 'binary': {
      assert(!isSetOp(expr.op) && !isTrimOp(expr.op), 'scalars have no set and no trim operators');
      return new BinaryScalarOperator(operations[expr.op], planScalar(expr.left, scope), planScalar(expr.right, scope));
    }
    case 'call':
      return planScalarCall(expr, scope, planner);
    case 'paren':
      return planScalar(expr.inner, scope);
    case 'step-invariant':
      return new StepInvariantScalarOperator(planScalar(expr.inner, onlyStep(scope)), scope.context.account);
    case 'string':
    case 'vector-selector':
    case 'matrix-selector':
    case 'subquery':
    case 'aggregate':
      throw wrongType(expr, 'scalar');
    default:
      return unreachable(expr);
  }
}

/** Operators for a readied tree whose type is a range vector. */
export function planRange(expr: Expr, scope: Scope): RangeOperator {
  const meter = scope.meter?.child(expr, scope.grid.count);
  const operator = planRangePart(expr, meter ? { ...scope, meter } : scope);
  return meter ? meteredRange(operator, meter) : operator;
}

function planRangePart(expr: Expr, scope: Scope): RangeOperator {
  if (expr.kind === 'paren') return planRange(expr.inner, scope);
  if (expr.kind === 'matrix-selector') return planMatrixSelector(expr, scope);
  if (expr.kind === 'subquery') return planSubquery(expr, scope);
  throw wrongType(expr, 'range vector');
}

function planMatrixSelector({ selector, range }: MatrixSelector, scope: Scope): RangeOperator {
  const { context, grid } = scope;
  const spec = { ...selectorSpec(selector, scope), rangeMs: durationMs(range), extension: selector.extension };
  return new RangeSelectorOperator(context, grid, spec);
}

function planSubquery(subquery: Subquery, scope: Scope): RangeOperator {
  const { context, grid } = scope;
  const { account } = context;
  const moments = momentsOf(grid, { offsetMs: durationMs(subquery.offset), atMs: atMs(subquery.at) });
  const endMs = moments.startMs + scope.endMs - grid.startMs;
  const rangeMs = durationMs(subquery.range);
  const stepMs = subquery.step ? durationMs(subquery.step) : context.defaultStepMs;
  const innerGrid = subqueryGrid({ startMs: moments.startMs, endMs }, { rangeMs, stepMs });
  // What has a value at every step has too many; what selects may have few.
  if (hasScalar(subquery.expr)) account.assertRoomFor(innerGrid.count);
  // Prometheus counts what the windows hold, not what the inside read.
  const [inside, ofWindows] = scope.isAnswer ? [account, account.weighted(0)] : [account.weighted(0), account];
  const innerScope = { ...scope, context: { ...context, account: inside }, isAnswer: undefined };
  const lastStepMs = (onGrid: StepGrid): number => onGrid.startMs + (onGrid.count - 1) * onGrid.stepMs;
  const plan = (onGrid: StepGrid): VectorOperator => {
    // Only its last stretch reaches up to the end.
    const untilMs = lastStepMs(onGrid) < lastStepMs(innerGrid) ? lastStepMs(onGrid) : endMs;
    return planVector(subquery.expr, needingBuckets({ ...innerScope, grid: onGrid, endMs: untilMs }));
  };
  const options = { moments, stepCount: grid.count, rangeMs, account: ofWindows };
  if (innerGrid.count > LONG_STEP_COUNT) {
    const planStretch = (onGrid: StepGrid): VectorOperator => {
      scope.meter?.beginStretch();
      return plan(onGrid);
    };
    return new LongSubqueryOperator({ plan: planStretch, grid: innerGrid }, options);
  }
  return new SubqueryOperator({ operator: plan(innerGrid), grid: innerGrid }, options);
}

function planBinary(expr: BinaryExpr, outerScope: Scope): VectorOperator {
  const { op, isBool, matching } = expr;
  const scope = isTrimOp(op) ? needingBuckets(outerScope) : outerScope;
  const stepCount = scope.grid.count;
  const { account, dropName, features } = scope.context;
  const notes = notesAt(scope.context, { about: expr, by: expr });
  const isScalarLeft = typeOf(expr.left) === 'scalar';
  if (isScalarLeft || typeOf(expr.right) === 'scalar') {
    assert(!isSetOp(op), 'a set operator stands between vectors');
    const [vector, scalar] = isScalarLeft ? [expr.right, expr.left] : [expr.left, expr.right];
    const operator = new BinaryVectorScalarOperator(planVector(vector, scope), planScalar(scalar, scope), {
      op,
      isBool,
      isScalarLeft,
      stepCount,
      dropName,
      notes,
    });
    return mergeDuplicates(operator, scope);
  }
  assert(matching, 'an operator between vectors says how they match');
  const left = planVector(expr.left, scope);
  const right = planVector(expr.right, scope);
  const operator = isSetOp(op)
    ? new SetOperator(left, right, { op, matching, stepCount, account })
    : new BinaryVectorOperator(left, right, { op, isBool, matching, dropName, stepCount, account, features, notes });
  return mergeDuplicates(operator, scope);
}

function planAggregate(expr: AggregateExpr, scope: Scope): VectorOperator {
  const { context, grid } = scope;
  const { op } = expr;
  const child = planVector(expr.expr, scope);
  const grouping = { isWithout: expr.isWithout, names: expr.grouping };
  const options = { grouping, stepCount: grid.count, account: context.account };
  const notes = notesAt(context, { about: expr.expr, by: expr });
  if (op in accumulators) {
    const isCompensated = context.features.prometheus314 === true;
    return new AggregateOperator(child, { ...options, op: op as keyof typeof accumulators, notes, isCompensated });
  }
  assert(expr.param, `${op} has a parameter`);
  const { warn } = notesAt(context, { about: expr.param, by: expr });
  const planParameter = (param: Expr): ScalarOperator => planScalar(param, { ...scope, isInParameter: true });
  switch (op) {
    case 'topk':
    case 'bottomk':
      return new RankedAggregateOperator(child, planParameter(expr.param), {
        ...options,
        op,
        notes: notesAt(context, { about: expr, by: expr }),
      });
    case 'limitk':
      return new LimitOperator(child, planParameter(expr.param), options);
    case 'limit_ratio':
      return new LimitRatioOperator(child, planParameter(expr.param), {
        stepCount: grid.count,
        warn,
      });
    case 'quantile':
      return new QuantileAggregateOperator(child, planParameter(expr.param), {
        ...options,
        warn,
        notes,
      });
    case 'count_values': {
      assert(expr.param.kind === 'string', 'count_values takes a string');
      const valueLabel = expr.param.value;
      return new CountValuesOperator(child, { ...options, valueLabel });
    }
    default:
      throw new AssertionFailure(`aggregation ${op} is planned`);
  }
}

function wrongType(expr: Expr, type: string): AssertionFailure {
  return new AssertionFailure(`a checked tree has no ${expr.kind} where ${type} is wanted`);
}
