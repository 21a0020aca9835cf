import type { CallExpr, Expr, Span } from '../../grammar/ast.ts';
import { typeOf } from '../../grammar/promql.ts';
import { AssertionFailure, assert } from '../model/assert.ts';
import { Labels, METRIC_NAME } from '../model/labels.ts';
import { type CompiledRegex, compileRegex, passes } from '../model/regex.ts';
import type { Work } from '../model/work.ts';
import { momentOfFirstSelector } from './first-selector.ts';
import { functionTable } from './functions/table.ts';
import type { FunctionContext, MapFunction } from './functions/types.ts';
import { meteredVector } from './metered.ts';
import { AbsentOperator, AbsentOverTimeOperator, labelsOfAbsent } from './operators/absent.ts';
import { InfoOperator } from './operators/info.ts';
import { LabelFunctionOperator } from './operators/label-function.ts';
import { MapFunctionOperator } from './operators/map-function.ts';
import type { RangeOperator, ScalarOperator, VectorOperator } from './operators/operator.ts';
import { executionError } from './operators/query-context.ts';
import { RangeFunctionOperator } from './operators/range-function.ts';
import { BinaryScalarOperator, ScalarFunctionOperator, ScalarOfVectorOperator } from './operators/scalars.ts';
import { DropNameOperator, StepTimeOperator } from './operators/timestamps.ts';
import { VectorFunctionOperator } from './operators/vector-function.ts';
import { VectorOfScalarOperator } from './operators/vector-of-scalar.ts';
import { VectorSelectorOperator } from './operators/vector-selector.ts';
import { argumentScope, mergeDuplicates, type Scope, selectorSpec } from './plan-scope.ts';

/** Plans the parts that a call is made of; the call does not know what they are. */
export interface Planner {
  readonly vector: (expr: Expr, scope: Scope) => VectorOperator;
  readonly scalar: (expr: Expr, scope: Scope) => ScalarOperator;
  readonly range: (expr: Expr, scope: Scope) => RangeOperator;
}

/** Operators for a call that gives an instant vector. */
export function planVectorCall(call: CallExpr, outerScope: Scope, planner: Planner): VectorOperator {
  const scope = argumentScope(outerScope, call.name);
  const special = planSpecialCall(call, scope, planner);
  if (special) return special;
  const query = scope.context;
  const record = functionTable[call.name];
  assert(record, `function ${call.name} has a record`);
  const context = functionContext(call, scope);
  const args = planArguments(call, scope, planner);
  switch (record.kind) {
    case 'range': {
      assert(args.range, `${call.name} takes a range vector`);
      checkExtension(call);
      const inputs = { range: args.range, scalars: args.scalars };
      const operator = new RangeFunctionOperator(record, inputs, context, query);
      return record.keepsMetricName
        ? operator
        : mergeDuplicates(operator, scope, query.features.delayedNameRemoval ? 'merge' : 'reject');
    }
    case 'map': {
      const vector = args.vector ?? defaultArgument(record, scope);
      const operator = new MapFunctionOperator(record, { vector, scalars: args.scalars }, context, query.dropName);
      return record.keepsMetricName ? operator : mergeDuplicates(operator, scope);
    }
    case 'labels': {
      assert(args.vector, `${call.name} takes a vector`);
      const { strings } = args;
      const setsName = nameSetter(call.name, strings);
      const operator = new LabelFunctionOperator(record, args.vector, { name: call.name, strings, setsName });
      return mergeDuplicates(operator, scope);
    }
    case 'vector': {
      assert(args.vector, `${call.name} takes a vector`);
      const inputs = { vector: args.vector, scalars: args.scalars, strings: args.strings };
      const operator = new VectorFunctionOperator(record, inputs, context, query);
      if (call.name.startsWith('sort')) return operator;
      return mergeDuplicates(new DropNameOperator(operator, query.dropName), scope);
    }
    case 'scalar':
      throw new AssertionFailure(`${call.name} gives a scalar`);
    default:
      return record satisfies never;
  }
}

/** Operators for a call that gives a scalar. */
export function planScalarCall(call: CallExpr, scope: Scope, planner: Planner): ScalarOperator {
  if (call.name === 'scalar') {
    scope.context.account.hold(scope.grid.count);
    return new ScalarOfVectorOperator(planner.vector(argument(call, 0), scope));
  }
  if (call.name === 'min_of' || call.name === 'max_of') {
    const choose = call.name === 'min_of' ? Math.min : Math.max;
    return new BinaryScalarOperator(
      (left, right) => choose(left, right),
      planner.scalar(argument(call, 0), scope),
      planner.scalar(argument(call, 1), scope),
    );
  }
  const record = functionTable[call.name];
  assert(record?.kind === 'scalar', `${call.name} gives a scalar`);
  return new ScalarFunctionOperator(record, scope.grid, scope.context.account);
}

/** The functions that are about more than their arguments' values. */
function planSpecialCall(call: CallExpr, scope: Scope, planner: Planner): VectorOperator | undefined {
  const stepCount = scope.grid.count;
  const { account } = scope.context;
  switch (call.name) {
    case 'vector':
      return new VectorOfScalarOperator(planner.scalar(argument(call, 0), scope), stepCount);
    case 'absent': {
      const input = argument(call, 0);
      account.hold(stepCount);
      return new AbsentOperator(planner.vector(input, scope), absentLabels(input), stepCount);
    }
    case 'absent_over_time': {
      checkExtension(call);
      account.hold(stepCount);
      const input = argument(call, 0);
      const options = { stepCount, account };
      return new AbsentOverTimeOperator(planner.range(input, scope), absentLabels(input), options);
    }
    case 'start_timestamp': {
      const input = argument(call, 0);
      // Only samples know when their counter began, so that of any other input there is nothing to tell.
      if (input.kind !== 'vector-selector') return undefined;
      const spec = selectorSpec(input, scope);
      const operator = new VectorSelectorOperator(scope.context, scope.grid, spec, 'start-timestamp');
      return mergeDuplicates(new DropNameOperator(operator, scope.context.dropName), scope);
    }
    case 'timestamp':
      return planTimestamp(argument(call, 0), scope, planner);
    case 'info':
      return planInfo(call, scope, planner);
    default:
      return undefined;
  }
}

/** Of a selector, the times of its samples; of anything else, the time of the step. */
function planTimestamp(input: Expr, scope: Scope, planner: Planner): VectorOperator {
  const operator =
    input.kind === 'vector-selector'
      ? new VectorSelectorOperator(scope.context, scope.grid, selectorSpec(input, scope), 'timestamp')
      : new StepTimeOperator(planner.vector(input, scope), scope.grid);
  return mergeDuplicates(new DropNameOperator(operator, scope.context.dropName), scope);
}

function planInfo(call: CallExpr, scope: Scope, planner: Planner): VectorOperator {
  const input = argument(call, 0);
  const selector = call.args[1];
  const matchers = selector?.kind === 'vector-selector' ? selector.matchers : undefined;
  const spec = { matchers, moment: momentOfFirstSelector(input) };
  const vector = planner.vector(input, scope);
  const meter = scope.meter?.child(undefined, scope.grid.count);
  const metered = (infos: VectorOperator) => (meter ? meteredVector(infos, meter) : infos);
  return mergeDuplicates(new InfoOperator(vector, scope.context, scope.grid, { ...spec, metered }), scope);
}

function absentLabels(input: Expr): Labels {
  if (input.kind === 'vector-selector') return labelsOfAbsent(input.matchers);
  if (input.kind === 'matrix-selector') return labelsOfAbsent(input.selector.matchers);
  return Labels.EMPTY;
}

interface PlannedArguments {
  readonly vector: VectorOperator | undefined;
  readonly range: RangeOperator | undefined;
  readonly scalars: readonly ScalarOperator[];
  readonly strings: readonly string[];
}

function planArguments(call: CallExpr, scope: Scope, planner: Planner): PlannedArguments {
  let vector: VectorOperator | undefined;
  let range: RangeOperator | undefined;
  const scalars: ScalarOperator[] = [];
  const strings: string[] = [];
  for (const arg of call.args) {
    if (arg.kind === 'string') strings.push(arg.value);
    else if (typeOf(arg) === 'scalar') scalars.push(planner.scalar(arg, scope));
    else if (typeOf(arg) === 'matrix') range = planner.range(arg, scope);
    else vector = planner.vector(arg, scope);
  }
  return { vector, range, scalars, strings };
}

/** Whether `label_replace` or `label_join` gives a series a metric name: the one that it is to keep. */
function nameSetter(name: string, strings: readonly string[]): (labels: Labels) => Work<boolean> {
  const [target, , source = '', pattern = ''] = strings;
  let regex: CompiledRegex | undefined;
  return function* (labels) {
    if (target !== METRIC_NAME || name !== 'label_replace') return target === METRIC_NAME;
    // Not before there is a series: only the function itself says what is wrong with its expression.
    regex ??= compileRegex(pattern);
    return yield* passes(regex, labels.get(source));
  };
}

/** `hour()` is `hour(vector(time()))`. */
function defaultArgument({ defaultArgument: name }: MapFunction, scope: Scope): VectorOperator {
  const time = functionTable['time'];
  assert(name === 'time' && time?.kind === 'scalar', 'a missing vector stands for the time of the step');
  return new VectorOfScalarOperator(
    new ScalarFunctionOperator(time, scope.grid, scope.context.account),
    scope.grid.count,
  );
}

function functionContext(call: CallExpr, { context, grid }: Scope): FunctionContext {
  return {
    grid,
    annotations: context.annotations,
    query: context.query,
    span: call.span,
    // Prometheus has lost the place of a subquery by the time it evaluates the call, and says 1:1.
    argSpans: call.args.map(({ kind, span }) => (kind === 'subquery' ? NO_PLACE : span)),
    features: context.features,
  };
}

const NO_PLACE: Span = { start: 0, end: 0 };

const EXTENSION_USERS = {
  anchored: ['changes', 'delta', 'increase', 'rate', 'resets'],
  smoothed: ['delta', 'increase', 'rate'],
} as const;

/** @throws {PocketCortexError} `execution-error` when the function cannot work on extended windows */
function checkExtension(call: CallExpr): void {
  for (const arg of call.args) {
    if (arg.kind !== 'matrix-selector' || arg.selector.extension === undefined) continue;
    const users: readonly string[] = EXTENSION_USERS[arg.selector.extension];
    if (!users.includes(call.name)) {
      const list = users.join(', ');
      throw executionError(`${arg.selector.extension} modifier can only be used with: ${list} - not with ${call.name}`);
    }
  }
}

function argument(call: CallExpr, index: number): Expr {
  const arg = call.args[index];
  assert(arg, `${call.name} has argument ${index}`);
  return arg;
}
