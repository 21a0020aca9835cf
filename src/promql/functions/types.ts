import type { Span } from '../../../grammar/ast.ts';
import type { Annotations } from '../../model/annotations.ts';
import type { StepColumn, StepGrid } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import type { RangeWindows } from '../kernels/range-windows.ts';

export type { RangeWindows };

/**
 * What newer engines than Cortex's (3.9) do, or what stays behind a flag there. All off unless asked for; the runner of
 * Prometheus's test scripts asks for all.
 */
export interface EngineFeatures {
  /** Metric names leave at the end of the query only: annotations of `histogram_quantile` can name the metric. */
  readonly delayedNameRemoval?: boolean;
  /** `rate` asks the label `__type__` whether a metric is a counter. */
  readonly typeAndUnitLabels?: boolean;
  /** What came between 3.10 and 3.14: details in annotations, fixes. */
  readonly prometheus314?: boolean;
}

/** What a function may know of the query it runs in. */
export interface FunctionContext {
  /** The steps the function yields values at. */
  readonly grid: StepGrid;
  readonly annotations: Annotations;
  /** Where the call and its arguments stand, for annotations: `(1:5)`. */
  readonly query: string;
  readonly span: Span;
  readonly argSpans: readonly Span[];
  readonly features?: EngineFeatures | undefined;
}

/** Scalar arguments at every step, in the order of the call's scalar parameters. */
export type ScalarArguments = readonly Float64Array[];

/**
 * A PromQL function is a record: its kind says what it is given, `apply` is one loop over columns. What happens to
 * the metric name stands here too, not in the loop.
 */
export type PromqlFunction = RangeFunction | MapFunction | LabelFunction | VectorFunction | ScalarFunction;

/** One range vector in, one value a series and step out: `rate`, `sum_over_time`, `quantile_over_time` … */
export interface RangeFunction {
  readonly kind: 'range';
  readonly keepsMetricName: boolean;
  /** Whether a value follows from the samples of its window alone: not from where the window ends, and from no scalar. */
  readonly isOfSamplesAlone?: boolean;
  /** Overwrites all of `out`. */
  readonly apply: (windows: RangeWindows, scalars: ScalarArguments, out: StepColumn, context: RangeContext) => void;
}

export interface RangeContext extends FunctionContext {
  /** The series the windows are of, metric name included: for annotations such as "might not be a counter". */
  readonly labels: Labels;
}

/** One instant vector in, value by value, in place: `abs`, `clamp`, `round`, `timestamp`-less date functions … */
export interface MapFunction {
  readonly kind: 'map';
  readonly keepsMetricName: boolean;
  /** For date functions and such: what stands for a missing vector argument. */
  readonly defaultArgument?: 'time';
  /** Changes `column` in place; may mark steps absent (`clamp` with min > max). */
  readonly apply: (column: StepColumn, scalars: ScalarArguments, context: FunctionContext) => void;
}

/** Changes labels, keeps values: `label_replace`, `label_join`. */
export interface LabelFunction {
  readonly kind: 'labels';
  /**
   * Called once with the string arguments; the result maps each series' labels, and pauses where that takes long.
   * @throws {PocketCortexError} `execution-error`
   */
  readonly create: (strings: readonly string[]) => (labels: Labels) => Work<Labels>;
}

/**
 * Needs all series of its instant vector at once: `sort`, `histogram_quantile` … Columns are materialised; the function
 * may reuse them for its output. There may be very many: `apply` pauses between series, or groups of them.
 */
export interface VectorFunction {
  readonly kind: 'vector';
  readonly apply: (input: VectorFunctionInput, context: FunctionContext) => Work<MaterialisedVector>;
}

export interface MaterialisedVector {
  readonly labels: readonly Labels[];
  readonly columns: readonly StepColumn[];
}

export interface VectorFunctionInput extends MaterialisedVector {
  readonly scalars: ScalarArguments;
  readonly strings: readonly string[];
}

/** No vector in: `time`, `pi`. */
export interface ScalarFunction {
  readonly kind: 'scalar';
  readonly apply: (grid: StepGrid, out: Float64Array) => void;
}
