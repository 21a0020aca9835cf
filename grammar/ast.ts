import type { Matcher } from '../src/model/matcher.ts';

/** Where a node stands in the query: `[start, end)` in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The four types of a PromQL expression, by Prometheus's names. */
export type ValueType = 'scalar' | 'string' | 'vector' | 'matrix';

export type Expr =
  | NumberLiteral
  | StringLiteral
  | VectorSelector
  | MatrixSelector
  | Subquery
  | UnaryExpr
  | BinaryExpr
  | AggregateExpr
  | CallExpr
  | ParenExpr
  | StepInvariant;

interface Node {
  readonly span: Span;
}

export interface NumberLiteral extends Node {
  readonly kind: 'number';
  readonly value: number;
  /** Written as a duration (`5m`): prints as one. In seconds all the same. */
  readonly isDuration: boolean;
}

export interface StringLiteral extends Node {
  readonly kind: 'string';
  readonly value: string;
}

/** A duration in a range, offset or step: fixed, or an expression over durations. */
export type DurationExpr = DurationLiteral | DurationBinary | DurationUnary | DurationCall | DurationParen;

export interface DurationLiteral extends Node {
  readonly kind: 'duration';
  readonly durationMs: number;
  /** Written as a plain number of seconds. */
  readonly isNumber: boolean;
}

export interface DurationBinary extends Node {
  readonly kind: 'duration-binary';
  readonly op: '+' | '-' | '*' | '/' | '%' | '^';
  readonly left: DurationExpr;
  readonly right: DurationExpr;
}

export interface DurationUnary extends Node {
  readonly kind: 'duration-unary';
  readonly op: '+' | '-';
  readonly operand: DurationExpr;
}

/** `step()`, `range()`, `min(a, b)`, `max(a, b)` (and `min_of`/`max_of`, the names of 3.14). */
export interface DurationCall extends Node {
  readonly kind: 'duration-call';
  readonly name: 'step' | 'range' | 'min' | 'max' | 'min_of' | 'max_of';
  readonly args: readonly DurationExpr[];
}

export interface DurationParen extends Node {
  readonly kind: 'duration-paren';
  readonly inner: DurationExpr;
}

/** The moment of an `@`: a time, or an end of the query. */
export type AtModifier =
  | { readonly kind: 'timestamp'; readonly timestampMs: number }
  | { readonly kind: 'start' }
  | { readonly kind: 'end' };

export interface VectorSelector extends Node {
  readonly kind: 'vector-selector';
  /** The name written in front of the braces, '' without one. It is also the last of `matchers`. */
  readonly metricName: string;
  readonly matchers: readonly Matcher[];
  readonly offset: DurationExpr | undefined;
  readonly at: AtModifier | undefined;
  /** Extended range selectors of 3.7 and later. */
  readonly extension: 'anchored' | 'smoothed' | undefined;
}

export interface MatrixSelector extends Node {
  readonly kind: 'matrix-selector';
  /** Carries offset, `@` and extension. */
  readonly selector: VectorSelector;
  readonly range: DurationExpr;
}

export interface Subquery extends Node {
  readonly kind: 'subquery';
  readonly expr: Expr;
  readonly range: DurationExpr;
  /** Undefined: the server's default evaluation interval. */
  readonly step: DurationExpr | undefined;
  readonly offset: DurationExpr | undefined;
  readonly at: AtModifier | undefined;
}

export interface UnaryExpr extends Node {
  readonly kind: 'unary';
  readonly op: '+' | '-';
  readonly operand: Expr;
}

export type ArithmeticOp = '+' | '-' | '*' | '/' | '%' | '^' | 'atan2';
export type ComparisonOp = '==' | '!=' | '<' | '<=' | '>' | '>=';
export type SetOp = 'and' | 'or' | 'unless';
/** Histogram trimming of 3.14: `</` keeps what lies below, `>/` what lies above. */
export type TrimOp = '</' | '>/';
export type BinaryOp = ArithmeticOp | ComparisonOp | SetOp | TrimOp;

export interface VectorMatching {
  readonly cardinality: 'one-to-one' | 'many-to-one' | 'one-to-many' | 'many-to-many';
  /** `on (labels)` rather than `ignoring (labels)`. */
  readonly isOn: boolean;
  readonly labels: readonly string[];
  /** The labels of `group_left (…)`/`group_right (…)`. */
  readonly include: readonly string[];
  /** `fill(…)`, `fill_left(…)`, `fill_right(…)`: what stands for a missing partner. */
  readonly fillLeft: number | undefined;
  readonly fillRight: number | undefined;
}

export interface BinaryExpr extends Node {
  readonly kind: 'binary';
  readonly op: BinaryOp;
  readonly left: Expr;
  readonly right: Expr;
  readonly isBool: boolean;
  /** Between two vectors; undefined when a side is a scalar. */
  readonly matching: VectorMatching | undefined;
}

export type AggregateOp =
  | 'sum'
  | 'avg'
  | 'min'
  | 'max'
  | 'count'
  | 'group'
  | 'stddev'
  | 'stdvar'
  | 'topk'
  | 'bottomk'
  | 'count_values'
  | 'quantile'
  | 'limitk'
  | 'limit_ratio';

export interface AggregateExpr extends Node {
  readonly kind: 'aggregate';
  readonly op: AggregateOp;
  readonly expr: Expr;
  readonly param: Expr | undefined;
  /** `without (grouping)` rather than `by (grouping)`. */
  readonly isWithout: boolean;
  readonly grouping: readonly string[];
}

export interface CallExpr extends Node {
  readonly kind: 'call';
  /** A name in the function table of `functions.ts`. */
  readonly name: string;
  readonly args: readonly Expr[];
}

export interface ParenExpr extends Node {
  readonly kind: 'paren';
  readonly inner: Expr;
}

/** Put in by the planner, never by the parser: its value is the same at every step, so one step is enough. */
export interface StepInvariant extends Node {
  readonly kind: 'step-invariant';
  readonly inner: Expr;
}
