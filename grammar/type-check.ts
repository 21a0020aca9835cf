import { unreachable } from '../src/model/assert.ts';
import { quoteGo } from '../src/model/go-quote.ts';
import { METRIC_NAME } from '../src/model/labels.ts';
import type {
  AggregateExpr,
  BinaryExpr,
  BinaryOp,
  CallExpr,
  DurationExpr,
  Expr,
  ValueType,
  VectorSelector,
} from './ast.ts';
import { type FunctionName, findFunction, functionSignatures } from './functions.ts';
import type { Language } from './language.ts';
import { ParseFailure } from './position.ts';

/** How deep a checked tree may be, long chains of operators included: who gets the tree walks it recursively. */
const TREE_DEPTH_LIMIT = 1000;
/** How long a chain of scalars may be (`1 + 1 + …`): their nodes take less of the stack. */
const SCALAR_CHAIN_LIMIT = 3500;

/**
 * Checks types and what else only the whole tree shows, in Prometheus's order, and settles the matching of binary
 * operators: none unless both sides are vectors, many-to-many for set operators. The tree must be fresh from the parser:
 * the settling happens in place.
 * @throws {ParseFailure}
 */
export function checkTypes(expr: Expr, query: string, language: Language): ValueType {
  return new TypeChecker(query, language).check(expr, 0);
}

/** The type of a checked expression. */
export function typeOf(expr: Expr): ValueType {
  switch (expr.kind) {
    case 'number':
      return 'scalar';
    case 'string':
      return 'string';
    case 'vector-selector':
    case 'aggregate':
      return 'vector';
    case 'matrix-selector':
    case 'subquery':
      return 'matrix';
    case 'call':
      return functionSignatures[expr.name as FunctionName].returnType;
    case 'paren':
    case 'step-invariant':
      return typeOf(expr.inner);
    case 'unary':
      return typeOf(expr.operand);
    case 'binary':
      return isScalarChain(expr) ? 'scalar' : 'vector';
    default:
      return unreachable(expr);
  }
}

/** Chains grow to the left, and may be long. */
function isScalarChain(expr: BinaryExpr): boolean {
  let left: Expr = expr;
  for (; left.kind === 'binary'; left = left.left) {
    if (left.matching || typeOf(left.right) !== 'scalar') return false;
  }
  return typeOf(left) === 'scalar';
}

const comparisons: ReadonlySet<BinaryOp> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const setOperators: ReadonlySet<BinaryOp> = new Set(['and', 'or', 'unless']);
const documentedTypes: Readonly<Record<ValueType, string>> = {
  scalar: 'scalar',
  string: 'string',
  vector: 'instant vector',
  matrix: 'range vector',
};

class TypeChecker {
  readonly #query: string;
  readonly #language: Language;

  constructor(query: string, language: Language) {
    this.#query = query;
    this.#language = language;
  }

  check(expr: Expr, depth: number): ValueType {
    checkDepth(expr, depth);
    switch (expr.kind) {
      case 'number':
        return 'scalar';
      case 'string':
        return 'string';
      case 'paren':
      case 'step-invariant':
        return this.check(expr.inner, depth + 1);
      case 'unary':
        return this.#checkUnary(expr.operand, expr.span.start, depth);
      case 'binary':
        return this.#checkChain(expr, depth);
      case 'aggregate':
        return this.#checkAggregate(expr, depth);
      case 'call':
        return this.#checkCall(expr, depth);
      case 'vector-selector':
        checkDurationDepth(expr.offset, depth);
        return this.#checkSelector(expr, false);
      case 'matrix-selector':
        checkDurationDepth(expr.range, depth);
        this.check(expr.selector, depth + 1);
        return 'matrix';
      case 'subquery': {
        for (const duration of [expr.range, expr.step, expr.offset]) checkDurationDepth(duration, depth);
        const type = this.check(expr.expr, depth + 1);
        if (type !== 'vector') fail(expr, `subquery is only allowed on instant vector, got ${type} instead`);
        return 'matrix';
      }
      default:
        return unreachable(expr);
    }
  }

  #checkUnary(operand: Expr, start: number, depth: number): ValueType {
    const type = this.check(operand, depth + 1);
    if (type !== 'scalar' && type !== 'vector') {
      const got = quoteGo(documentedTypes[type]);
      throw new ParseFailure(
        start,
        `unary expression only allowed on expressions of type scalar or instant vector, got ${got}`,
      );
    }
    return type;
  }

  #checkAggregate({ op, expr, param }: AggregateExpr, depth: number): ValueType {
    this.#expect(expr, 'vector', 'aggregation expression', depth);
    if (param) this.#expect(param, op === 'count_values' ? 'string' : 'scalar', 'aggregation parameter', depth);
    return 'vector';
  }

  #expect(expr: Expr, wanted: ValueType, where: string, depth: number): void {
    const type = this.check(expr, depth + 1);
    if (type === wanted) return;
    fail(expr, `expected type ${documentedTypes[wanted]} in ${where}, got ${documentedTypes[type]}`);
  }

  /** Walks a chain from its innermost operator outwards, in the order of the text. */
  #checkChain(expr: BinaryExpr, depth: number): ValueType {
    const chain: BinaryExpr[] = [];
    let first: Expr = expr;
    for (; first.kind === 'binary'; first = first.left) chain.push(first);
    // As long as it is all scalars its length does not count as depth.
    let type = this.check(first, depth + 1);
    for (let inner = chain.pop(), length = 1; inner; inner = chain.pop(), length += 1) {
      const rightType = this.check(inner.right, depth + 1);
      type = this.#checkBinary(inner, type, rightType);
      const limit = type === 'scalar' ? SCALAR_CHAIN_LIMIT : TREE_DEPTH_LIMIT - depth;
      if (length > limit) throw tooDeep(inner, type === 'scalar' ? SCALAR_CHAIN_LIMIT : TREE_DEPTH_LIMIT);
    }
    return type;
  }

  #checkBinary(expr: BinaryExpr, leftType: ValueType, rightType: ValueType): ValueType {
    const { op, isBool } = expr;
    const isScalar = leftType === 'scalar' && rightType === 'scalar';
    if (isBool && !comparisons.has(op)) {
      this.#failAtOperator(expr, 'bool modifier can only be used on comparison operators');
    }
    if (comparisons.has(op) && !isBool && isScalar) {
      this.#failAtOperator(expr, 'comparisons between scalars must use BOOL modifier');
    }
    this.#checkIncluded(expr);
    for (const [side, type] of [
      [expr.left, leftType],
      [expr.right, rightType],
    ] as const) {
      if (type !== 'scalar' && type !== 'vector') {
        fail(side, 'binary expression must contain only scalar and instant vector types');
      }
    }
    const isBetweenVectors = leftType === 'vector' && rightType === 'vector';
    if (isBetweenVectors) checkVectorMatching(expr);
    else checkNoMatching(expr);
    return isScalar ? 'scalar' : 'vector';
  }

  /** A label of `on` comes from both sides already. */
  #checkIncluded(expr: BinaryExpr): void {
    const { matching } = expr;
    if (!matching?.isOn || matching.include.length === 0) return;
    const included = new Set(matching.include);
    const twice = matching.labels.find((label) => included.has(label));
    if (twice === undefined) return;
    this.#failAtOperator(expr, `label ${quoteGo(twice)} must not occur in ON and GROUP clause at once`);
  }

  #checkCall(expr: CallExpr, depth: number): ValueType {
    const { name, args } = expr;
    const { argTypes, variadic, returnType } = findFunction(name, this.#language)!;
    const quoted = quoteGo(name);
    const least = variadic === 0 ? argTypes.length : argTypes.length - 1;
    if (variadic === 0 && args.length !== least) {
      fail(expr, `expected ${least} argument(s) in call to ${quoted}, got ${args.length}`);
    }
    if (args.length < least) {
      fail(expr, `expected at least ${least} argument(s) in call to ${quoted}, got ${args.length}`);
    }
    if (variadic > 0 && args.length > least + variadic) {
      fail(expr, `expected at most ${least + variadic} argument(s) in call to ${quoted}, got ${args.length}`);
    }
    const selectsInfo = name === 'info' ? args[1] : undefined;
    if (selectsInfo) this.#checkInfoSelector(expr, selectsInfo);
    for (const [index, arg] of args.entries()) {
      const wanted = argTypes[Math.min(index, argTypes.length - 1)]!;
      const type =
        arg === selectsInfo && arg.kind === 'vector-selector'
          ? this.#checkSelector(arg, true)
          : this.check(arg, depth + 1);
      if (type !== wanted) {
        fail(
          arg,
          `expected type ${documentedTypes[wanted]} in call to function ${quoted}, got ${documentedTypes[type]}`,
        );
      }
    }
    return returnType;
  }

  /** The second argument of `info` is no query of its own: label matchers only, and all of them may match nothing. */
  #checkInfoSelector(call: CallExpr, selector: Expr): void {
    const type = typeOf(selector);
    if (type !== 'vector') {
      fail(call, `expected type instant vector in call to function "info", got ${documentedTypes[type]}`);
    }
    if (selector.kind !== 'vector-selector') fail(selector, 'expected label selectors only');
    if (selector.metricName !== '') fail(selector, 'expected label selectors only, got vector selector instead');
  }

  #checkSelector(selector: VectorSelector, mayBeEmpty: boolean): ValueType {
    const { metricName, matchers } = selector;
    if (metricName !== '') {
      const twice = matchers.slice(0, -1).find((matcher) => matcher.name === METRIC_NAME);
      if (twice) {
        fail(selector, `metric name must not be set twice: ${quoteGo(metricName)} or ${quoteGo(twice.value)}`);
      }
    } else if (!mayBeEmpty && matchers.every((matcher) => matcher.matches(''))) {
      fail(selector, 'vector selector must contain at least one non-empty matcher');
    }
    return 'vector';
  }

  /** The operator stands behind the spaces that follow the left side. */
  #failAtOperator(expr: BinaryExpr, message: string): never {
    let at = expr.left.span.end;
    while (/[ \t\r\n]/.test(this.#query[at] ?? '')) at += 1;
    throw new ParseFailure(at, message);
  }
}

function checkDepth(node: Expr | DurationExpr, depth: number): void {
  if (depth > TREE_DEPTH_LIMIT) throw tooDeep(node, TREE_DEPTH_LIMIT);
}

function tooDeep(node: Expr | DurationExpr, limit: number): ParseFailure {
  return new ParseFailure(node.span.start, `expression is nested too deeply (limit: ${limit} levels)`);
}

function checkDurationDepth(duration: DurationExpr | undefined, depth: number): void {
  if (!duration || duration.kind === 'duration') return;
  checkDepth(duration, depth);
  for (const child of durationChildren(duration)) checkDurationDepth(child, depth + 1);
}

function durationChildren(duration: DurationExpr): readonly DurationExpr[] {
  switch (duration.kind) {
    case 'duration':
      return [];
    case 'duration-binary':
      return [duration.left, duration.right];
    case 'duration-unary':
      return [duration.operand];
    case 'duration-call':
      return duration.args;
    case 'duration-paren':
      return [duration.inner];
    default:
      return unreachable(duration);
  }
}

function checkNoMatching(expr: BinaryExpr): void {
  const { op, matching } = expr;
  if (matching && matching.labels.length > 0) fail(expr, 'vector matching only allowed between instant vectors');
  if (matching?.fillLeft !== undefined || matching?.fillRight !== undefined) {
    fail(expr, 'filling in missing series only allowed between instant vectors');
  }
  if (setOperators.has(op)) fail(expr, `set operator ${quoteGo(op)} not allowed in binary scalar expression`);
  settleMatching(expr, undefined);
}

function checkVectorMatching(expr: BinaryExpr): void {
  const { op, matching } = expr;
  if (!matching || !setOperators.has(op)) return;
  if (matching.cardinality === 'many-to-one' || matching.cardinality === 'one-to-many') {
    fail(expr, `no grouping allowed for ${quoteGo(op)} operation`);
  }
  if (matching.fillLeft !== undefined || matching.fillRight !== undefined) {
    fail(expr, 'filling in missing series not allowed for set operators');
  }
  settleMatching(expr, { ...matching, cardinality: 'many-to-many' });
}

/** Nobody but the checker holds the tree yet. */
function settleMatching(expr: BinaryExpr, matching: BinaryExpr['matching']): void {
  (expr as { matching: BinaryExpr['matching'] }).matching = matching;
}

function fail(expr: Expr, message: string): never {
  throw new ParseFailure(expr.span.start, message);
}
