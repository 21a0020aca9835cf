import { ABSENT, createStepColumn, type StepColumn, type StepGrid } from '../../model/columns.ts';
import { type Labels, METRIC_NAME } from '../../model/labels.ts';
import { createMatcher, type Matcher } from '../../model/matcher.ts';
import { runAtOnce, type Work } from '../../model/work.ts';
import type { SelectedMoment } from '../first-selector.ts';
import { type InfoRules, infoRules, newerInfoRules, sourceOfMoment } from './info-rules.ts';
import { copyColumn, materialise } from './materialise.ts';
import type { VectorOperator } from './operator.ts';
import { executionError, type QueryContext } from './query-context.ts';
import { columnWeight } from './sample-weight.ts';
import { VectorSelectorOperator } from './vector-selector.ts';

/** The labels that an info series shares with the series it tells about. */
const IDENTIFYING = ['instance', 'job'] as const;

export interface InfoSpec {
  /** The second argument's: which info metrics, and which of their labels. Undefined when there is none. */
  readonly matchers: readonly Matcher[] | undefined;
  /** Where the first argument looks; the info series are looked at there too. */
  readonly moment: SelectedMoment;
  /** Has the info series counted. */
  readonly metered: (infos: VectorOperator) => VectorOperator;
}

/** An info series, with the time of its newest sample at every step. */
interface InfoSeries {
  readonly labels: Labels;
  readonly sampleSeconds: StepColumn;
}

/** One output series: a base series at the steps where it gets these labels. */
interface Variant {
  readonly base: number;
  /** At the steps that have this number in `variantAt`; undefined where a series is the same at all steps. */
  readonly part: { readonly number: number; readonly variantAt: Int32Array } | undefined;
}

/** At a step of `variantAt`: the base series is left out there. */
const LEFT_OUT = -1;

/**
 * `info(v, {…})`: adds labels of info metrics (`target_info` unless the matchers name others) to series that have the same
 * `instance` and `job`. Info series may change along the query, so that a series may have other labels at other steps.
 */
export class InfoOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #context: QueryContext;
  readonly #grid: StepGrid;
  readonly #spec: InfoSpec;
  readonly #rules: InfoRules;
  readonly #base: StepColumn;
  #baseIndex = -1;
  #baseCount = 0;
  #variants: readonly Variant[] = [];
  #nextVariant = 0;

  constructor(child: VectorOperator, context: QueryContext, grid: StepGrid, spec: InfoSpec) {
    this.#child = child;
    this.#context = context;
    this.#grid = grid;
    this.#spec = spec;
    this.#rules = context.features.prometheus314 ? newerInfoRules(spec.matchers) : infoRules(spec.matchers);
    this.#base = createStepColumn(grid.count);
  }

  *prepare(): Work<readonly Labels[]> {
    const baseLabels = yield* this.#child.prepare();
    const identities = identitiesOf(baseLabels.filter((labels) => !this.#isInfo(labels)));
    const mayBeBare = this.#rules.mayBeBare(identities.length > 0);
    const infos = yield* this.#selectInfos(identities);
    const newest = new Map<string, readonly (InfoSeries | undefined)[][]>();
    for (const [identity, series] of infos) newest.set(identity, yield* newestOfEachName(series, this.#grid.count));
    const output: Labels[] = [];
    const variants: Variant[] = [];
    for (let base = 0; base < baseLabels.length; base++) {
      const labels = baseLabels[base]!;
      const perName = this.#isInfo(labels) ? undefined : newest.get(identityOf(labels));
      if (perName) {
        this.#split({ base, labels, mayBeBare }, perName, output, variants);
      } else if (this.#isInfo(labels) || mayBeBare) {
        output.push(labels);
        variants.push({ base, part: undefined });
      }
      yield;
    }
    this.#variants = variants;
    if (variants.length === 0) yield* this.#drain(baseLabels.length);
    this.#baseCount = baseLabels.length;
    return output;
  }

  next(out: StepColumn): void {
    const { base, part } = this.#variants[this.#nextVariant++]!;
    while (this.#baseIndex < base) {
      this.#child.next(this.#base);
      this.#baseIndex += 1;
    }
    copyColumn(this.#base, out);
    // Base series behind the last that is put out are read all the same: they may hold an error.
    if (this.#nextVariant === this.#variants.length) runAtOnce(this.#drain(this.#baseCount));
    if (part) keepVariant(out.present, part.variantAt, part.number);
    this.#context.account.hold(columnWeight(out));
  }

  *#drain(baseCount: number): Work<void> {
    for (; this.#baseIndex < baseCount - 1; this.#baseIndex++) {
      this.#child.next(this.#base);
      yield;
    }
  }

  close(): void {
    this.#child.close();
  }

  /** Info series are not told about by others. */
  #isInfo(labels: Labels): boolean {
    return this.#rules.isInfo(labels.metricName);
  }

  /** The info series that may tell about any of the base series, by what identifies them. */
  *#selectInfos(identities: readonly Identity[]): Work<Map<string, InfoSeries[]>> {
    const byIdentity = new Map<string, InfoSeries[]>();
    if (identities.length === 0) return byIdentity;
    const matchers = [
      ...identities.map(({ name, values }) => createMatcher(name, '=~', values.map(quoteRegex).join('|'))),
      ...this.#rules.dataMatchers,
      ...this.#rules.nameMatchers,
    ];
    const operator = this.#spec.metered(this.#infoSelector(matchers));
    const labels = yield* operator.prepare();
    const columns = yield* materialise(operator, {
      seriesCount: labels.length,
      stepCount: this.#grid.count,
      account: this.#context.account,
    });
    labels.forEach((seriesLabels, series) => {
      const info = { labels: seriesLabels, sampleSeconds: columns[series]! };
      const identity = identityOf(seriesLabels);
      const known = byIdentity.get(identity);
      if (known) known.push(info);
      else byIdentity.set(identity, [info]);
    });
    return byIdentity;
  }

  #infoSelector(matchers: readonly Matcher[]): VectorOperator {
    const { moment } = this.#spec;
    const grid = this.#grid;
    if (this.#context.features.prometheus314) {
      return new VectorSelectorOperator(
        this.#context,
        grid,
        { matchers, ...moment, isForStatistics: false },
        'info-timestamp',
      );
    }
    const { lookbackMs } = this.#context;
    const endMs = grid.startMs + (grid.count - 1) * grid.stepMs;
    const source = sourceOfMoment(this.#context.source, moment, { startMs: grid.startMs, endMs, lookbackMs });
    const spec = { matchers, offsetMs: 0, atMs: undefined, isForStatistics: false };
    return new VectorSelectorOperator({ ...this.#context, source }, grid, spec, 'info-timestamp');
  }

  /** Adds an output series for each distinct label set that the base series gets. */
  #split(
    { base, labels, mayBeBare }: { base: number; labels: Labels; mayBeBare: boolean },
    perName: readonly (readonly (InfoSeries | undefined)[])[],
    output: Labels[],
    variants: Variant[],
  ): void {
    const variantAt = new Int32Array(this.#grid.count);
    const numberOf = new Map<string, number>();
    const known = new Map<string, number>();
    for (let step = 0; step < variantAt.length; step++) {
      const found = perName.map((newest) => newest[step]).filter((info) => info !== undefined);
      const combination = found.map((info) => info.labels.key).join('\ud801');
      let number = known.get(combination);
      if (number === undefined) {
        const enriched = this.#enriched(labels, found);
        const isBare = found.length === 0 || (this.#rules.isBareWithoutLabels && enriched === labels);
        if (isBare && !mayBeBare) {
          number = LEFT_OUT;
        } else {
          number = numberOf.get(enriched.key) ?? numberOf.size;
          if (!numberOf.has(enriched.key)) {
            numberOf.set(enriched.key, number);
            output.push(enriched);
            variants.push({ base, part: { number, variantAt } });
          }
        }
        known.set(combination, number);
      }
      variantAt[step] = number;
    }
  }

  /** `labels` and what the info series have besides, or those of it that the matchers name. */
  #enriched(labels: Labels, infos: readonly InfoSeries[]): Labels {
    const wanted = new Set(this.#rules.dataMatchers.map(({ name }) => name));
    const added = new Map<string, string>();
    for (const info of infos) {
      for (const [name, value] of info.labels) {
        if (name === METRIC_NAME || (wanted.size > 0 && !wanted.has(name))) continue;
        const other = added.get(name);
        if (other !== undefined && other !== value) throw executionError(`conflicting label: ${name}`);
        if (!labels.has(name)) added.set(name, value);
      }
    }
    let enriched = labels;
    for (const [name, value] of added) enriched = enriched.with(name, value);
    return enriched;
  }
}

function identityOf(labels: Labels): string {
  return IDENTIFYING.map((name) => labels.get(name)).join('\ud800');
}

/** By which values of an identifying label the info series are found. */
interface Identity {
  readonly name: string;
  readonly values: readonly string[];
}

function identitiesOf(bases: readonly Labels[]): Identity[] {
  const identities = IDENTIFYING.map((name) => ({ name, values: distinctValues(bases, name) }));
  return identities.filter(({ values }) => values.length > 0);
}

function distinctValues(series: readonly Labels[], name: string): string[] {
  return [...new Set(series.map((labels) => labels.get(name)))].filter((value) => value !== '');
}

function quoteRegex(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/**
 * Of info series of one identity, for each metric name the one with the newest sample at every step.
 * @throws {PocketCortexError} `execution-error` when two of a name have it at the same time
 */
function* newestOfEachName(series: readonly InfoSeries[], stepCount: number): Work<(InfoSeries | undefined)[][]> {
  const byName = new Map<string, (InfoSeries | undefined)[]>();
  for (const info of series) {
    const { values, present } = info.sampleSeconds;
    let newest = byName.get(info.labels.metricName);
    if (!newest) {
      newest = new Array<InfoSeries | undefined>(stepCount).fill(undefined);
      byName.set(info.labels.metricName, newest);
    }
    for (let step = 0; step < stepCount; step++) {
      if (present[step] === ABSENT) continue;
      const existing = newest[step];
      const existingSeconds = existing?.sampleSeconds.values[step] ?? -Infinity;
      if (existing && existingSeconds === values[step]) throw duplicateInfo(existing, info, existingSeconds);
      if (existingSeconds < values[step]!) newest[step] = info;
    }
    yield;
  }
  return [...byName.values()];
}

function duplicateInfo(existing: InfoSeries, added: InfoSeries, seconds: number): Error {
  const timestampMs = Math.round(seconds * 1000);
  return executionError(
    `found duplicate series for info metric: existing ${existing.labels} @ ${timestampMs}, new ${added.labels} @ ${timestampMs}`,
  );
}

function keepVariant(present: Uint8Array, variantAt: Int32Array, number: number): void {
  for (let step = 0; step < present.length; step++) if (variantAt[step] !== number) present[step] = ABSENT;
}
