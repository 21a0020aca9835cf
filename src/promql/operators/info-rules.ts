import { METRIC_NAME } from '../../model/labels.ts';
import { createMatcher, type Matcher } from '../../model/matcher.ts';
import type { SelectRequest, SeriesSource } from '../../model/series-source.ts';
import type { SelectedMoment } from '../first-selector.ts';

/** What the second argument of `info` means, which newer engines than Cortex's have settled in another way. */
export interface InfoRules {
  /** Which metrics are selected as info metrics. */
  readonly nameMatchers: readonly Matcher[];
  /** What is asked of their labels; only labels named here are added, all when there are none. */
  readonly dataMatchers: readonly Matcher[];
  /** Whether a series of this metric is an info series itself, which is not told about. */
  readonly isInfo: (metricName: string) => boolean;
  /** Whether a series stays that nothing is added to; `isAnyIdentified`: some series has labels to be found by. */
  readonly mayBeBare: (isAnyIdentified: boolean) => boolean;
  /** A series that a matching info series adds no label to counts as one without. */
  readonly isBareWithoutLabels: boolean;
}

const TARGET_INFO = createMatcher(METRIC_NAME, '=', 'target_info');

/** The rules of Cortex's engine. Undefined `matchers`: there is no second argument. */
export function infoRules(matchers: readonly Matcher[] | undefined): InfoRules {
  const { ofName, dataMatchers } = split(matchers);
  const namesInfo = matchers === undefined ? [TARGET_INFO] : ofName;
  return {
    nameMatchers: ofName.length > 0 ? ofName : [TARGET_INFO],
    dataMatchers,
    isInfo: (metricName) => namesInfo.some((matcher) => matcher.matches(metricName)),
    // It forgets to set the matchers of the name aside when there is nothing to look for.
    mayBeBare: (isAnyIdentified) => matchEmpty(dataMatchers) && (isAnyIdentified || matchEmpty(ofName)),
    isBareWithoutLabels: true,
  };
}

/** The rules of Prometheus 3.14: names that only say what a metric is not must at least look like an info metric. */
export function newerInfoRules(matchers: readonly Matcher[] | undefined): InfoRules {
  const { ofName, dataMatchers } = split(matchers);
  const isNamed = ofName.some(({ op }) => op === '=' || op === '=~');
  const isExcluded = ofName.length > 0 && !isNamed;
  const looksLikeInfo = isExcluded ? [createMatcher(METRIC_NAME, '=~', '.+_info'), ...ofName] : [TARGET_INFO];
  const nameMatchers = isNamed ? ofName : looksLikeInfo;
  return {
    nameMatchers,
    dataMatchers,
    isInfo: (metricName) => nameMatchers.every((matcher) => matcher.matches(metricName)),
    mayBeBare: () => matchEmpty(dataMatchers),
    isBareWithoutLabels: false,
  };
}

function split(matchers: readonly Matcher[] = []) {
  return {
    ofName: matchers.filter(({ name }) => name === METRIC_NAME),
    dataMatchers: matchers.filter(({ name }) => name !== METRIC_NAME),
  };
}

function matchEmpty(matchers: readonly Matcher[]): boolean {
  return matchers.every((matcher) => matcher.matches(''));
}

/**
 * `source` as Cortex's engine asks it for info series: only for the time that the first argument looks at, `[startMs, endMs]`
 * being the steps, although it evaluates what it gets at the steps themselves.
 */
export function sourceOfMoment(
  source: SeriesSource,
  { offsetMs, atMs }: SelectedMoment,
  steps: { readonly startMs: number; readonly endMs: number; readonly lookbackMs: number },
): SeriesSource {
  const firstMs = (atMs ?? steps.startMs) - steps.lookbackMs + 1 - offsetMs;
  const lastMs = (atMs ?? steps.endMs) - offsetMs;
  const narrowed = (request: SelectRequest): SelectRequest => {
    const startMs = Math.max(request.startMs, firstMs);
    return { ...request, startMs, endMs: Math.max(startMs - 1, Math.min(request.endMs, lastMs)) };
  };
  return {
    selectInSlices: (request) => source.selectInSlices(narrowed(request)),
    select: (request) => source.select(narrowed(request)),
  };
}
