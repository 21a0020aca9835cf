import type { TenantLimits } from '../limits/limits.ts';
import { compileRelabel, type MutableLabels } from '../limits/relabel.ts';
import type { Label } from '../model/label.ts';
import { compareText, isLegacyLabelName, isLegacyMetricName, Labels, METRIC_NAME } from '../model/labels.ts';
import { isValidUtf8 } from '../model/utf8.ts';
import { byteLength, type FlatLabels, formatMetric, formatSeries, quoteShort } from './series-text.ts';

/** Why something was refused: Cortex's word for `cortex_discarded_samples_total`, and its text for the client. */
export interface Refusal {
  readonly reason: string;
  readonly message: string;
}

export type SeriesVerdict =
  | { readonly kind: 'valid'; readonly labels: Labels }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nothing is left of its labels: counted as discarded, but no error to the client. */
  | { readonly kind: 'dropped'; readonly reason: string };

/**
 * Turns labels as they came into a label set, or says what is wrong with them, in the order in which Cortex's
 * distributor looks. Pure.
 */
export function validateSeries(
  raw: FlatLabels,
  limits: TenantLimits,
  { removesReplica = false, allowsUtf8Names = false }: SeriesValidationOptions = {},
): SeriesVerdict {
  const relabelled = relabel(raw, limits);
  if (!relabelled) return { kind: 'dropped', reason: 'relabel_configuration' };
  const dropped = removesReplica ? [limits.haReplicaLabel, ...limits.dropLabels] : limits.dropLabels;
  const labels = withoutFirstOfEach(relabelled, dropped);
  // Looked at before empty values go: an empty name is an invalid one, not a missing one.
  const badName = limits.enforceMetricName ? metricNameRefusal(labels, allowsUtf8Names) : undefined;
  if (badName) return { kind: 'refused', refusal: badName };
  const sorted = sortByName(withoutEmptyValues(labels));
  if (sorted.length === 0) return { kind: 'dropped', reason: 'user_label_removal_configuration' };
  const refusal = labelsRefusal(sorted, limits, allowsUtf8Names);
  return refusal ? { kind: 'refused', refusal } : { kind: 'valid', labels: Labels.fromSorted(sorted) };
}

/**
 * Whether the labels of `list` from `from` on are a label set that `validateSeries` would leave as it is, where labels are not
 * changed by limits. True of nearly all; what this is not sure of may be valid too.
 */
export function areSurelyValid(list: readonly Label[], from: number, limits: TenantLimits): boolean {
  const { maxLabelNamesPerSeries, maxLabelNameLength, maxLabelValueLength, maxLabelsSizeBytes } = limits;
  if (list.length - from > maxLabelNamesPerSeries || maxLabelsSizeBytes > 0) return false;
  let hasMetricName = false;
  let previousName = '';
  for (let i = from; i < list.length; i++) {
    const label = list[i]!;
    const { name } = label;
    const isFine =
      label.isPlain &&
      isSurelyWithin(name, maxLabelNameLength) &&
      isSurelyWithin(label.value, maxLabelValueLength) &&
      compareText(previousName, name) < 0;
    if (!isFine) return false;
    if (name === METRIC_NAME) hasMetricName = true;
    previousName = name;
  }
  return hasMetricName;
}

export interface SeriesValidationOptions {
  /** The label that names the replica has done its work. */
  readonly removesReplica?: boolean;
  /** Any UTF-8 text is a name. */
  readonly allowsUtf8Names?: boolean;
}

/** Undefined when the series is dropped, or no label is left of it. */
function relabel(labels: FlatLabels, { metricRelabelConfigs }: TenantLimits): FlatLabels | undefined {
  if (metricRelabelConfigs.length === 0) return labels;
  const changed: MutableLabels = new Map();
  for (let i = 0; i < labels.length; i += 2) changed.set(labels[i]!, labels[i + 1]!);
  const isKept = compileRelabel(metricRelabelConfigs)(changed);
  return isKept && changed.size > 0 ? [...changed].flat() : undefined;
}

function withoutFirstOfEach(labels: FlatLabels, names: readonly string[]): FlatLabels {
  let kept = labels;
  for (const name of names) {
    for (let i = 0; i < kept.length; i += 2) {
      if (kept[i] !== name) continue;
      kept = [...kept.slice(0, i), ...kept.slice(i + 2)];
      break;
    }
  }
  return kept;
}

function metricNameRefusal(labels: FlatLabels, allowsUtf8Names: boolean): Refusal | undefined {
  for (let i = 0; i < labels.length; i += 2) {
    if (labels[i] !== METRIC_NAME) continue;
    const metricName = labels[i + 1]!;
    const isValid = allowsUtf8Names ? isUtf8Name(metricName) : isLegacyMetricName(metricName);
    if (isValid) return undefined;
    return { reason: 'metric_name_invalid', message: `sample invalid metric name: ${quoteShort(metricName)}` };
  }
  return { reason: 'missing_metric_name', message: 'sample missing metric name' };
}

function withoutEmptyValues(labels: FlatLabels): FlatLabels {
  for (let i = 1; i < labels.length; i += 2) {
    if (labels[i] === '') return labels.filter((_, at) => labels[at | 1] !== '');
  }
  return labels;
}

function sortByName(labels: FlatLabels): FlatLabels {
  let isSorted = true;
  for (let i = 2; i < labels.length && isSorted; i += 2) isSorted = compareText(labels[i - 2]!, labels[i]!) <= 0;
  if (isSorted) return labels;
  const pairs: [string, string][] = [];
  for (let i = 0; i < labels.length; i += 2) pairs.push([labels[i]!, labels[i + 1]!]);
  return pairs.sort((a, b) => compareText(a[0], b[0])).flat();
}

function isUtf8Name(name: string): boolean {
  return name !== '' && isValidUtf8(name);
}

function labelsRefusal(labels: FlatLabels, limits: TenantLimits, allowsUtf8Names: boolean): Refusal | undefined {
  const isValidName = allowsUtf8Names ? isUtf8Name : isLegacyLabelName;
  const labelCount = labels.length / 2;
  if (labelCount > limits.maxLabelNamesPerSeries) {
    return {
      reason: 'max_label_names_per_series',
      message: `series has too many labels (actual: ${labelCount}, limit: ${limits.maxLabelNamesPerSeries}) series: '${formatMetric(labels)}'`,
    };
  }
  const { maxLabelNameLength, maxLabelValueLength } = limits;
  let previousName = '';
  for (let i = 0; i < labels.length; i += 2) {
    const name = labels[i]!;
    const isFine =
      name !== previousName &&
      isSurelyWithin(name, maxLabelNameLength) &&
      isSurelyWithin(labels[i + 1]!, maxLabelValueLength) &&
      isValidName(name);
    const refusal = isFine ? undefined : labelRefusal(labels, i, limits, isValidName);
    if (refusal) return refusal;
    previousName = name;
  }
  const limitBytes = limits.maxLabelsSizeBytes;
  if (limitBytes === 0) return undefined;
  let sizeBytes = 0;
  for (const text of labels) sizeBytes += fieldBytes(byteLength(text));
  if (sizeBytes <= limitBytes) return undefined;
  return {
    reason: 'labels_size_bytes_exceeded',
    message: `labels size bytes exceeded for metric (actual: ${sizeBytes}, limit: ${limitBytes}) metric: ${quoteShort(formatSeries(labels))}`,
  };
}

/** A text of UTF-16 units takes up to three bytes for each: whether they are within the limit without being counted. */
function isSurelyWithin(text: string, limitBytes: number): boolean {
  return text.length * 3 <= limitBytes;
}

/** What is wrong with the label at `i`, if anything is. */
function labelRefusal(
  labels: FlatLabels,
  i: number,
  limits: TenantLimits,
  isValidName: (name: string) => boolean,
): Refusal | undefined {
  const name = labels[i]!;
  const value = labels[i + 1]!;
  const previousName = i === 0 ? '' : labels[i - 2]!;
  const nameBytes = byteLength(name);
  const valueBytes = byteLength(value);
  if (!isValidName(name)) {
    return {
      reason: 'label_invalid',
      message: `sample invalid label: ${quoteShort(name)} metric ${quoteShort(formatSeries(labels))}`,
    };
  }
  if (nameBytes > limits.maxLabelNameLength) {
    return {
      reason: 'label_name_too_long',
      message: `label name too long for metric (actual: ${nameBytes}, limit: ${limits.maxLabelNameLength}) metric: ${quoteShort(formatSeries(labels))} label name: ${quoteShort(name)}`,
    };
  }
  if (valueBytes > limits.maxLabelValueLength) {
    return {
      reason: 'label_value_too_long',
      message: `label value too long for metric (actual: ${valueBytes}, limit: ${limits.maxLabelValueLength}) metric: ${quoteShort(formatSeries(labels))} label name: ${quoteShort(name)} label value: ${quoteShort(value)}`,
    };
  }
  if (name === previousName) {
    return {
      reason: 'duplicate_label_names',
      message: `duplicate label name: ${quoteShort(name)} metric ${quoteShort(formatSeries(labels))}`,
    };
  }
  return undefined;
}

/** What a text of `bytes` takes as a protobuf field: tag, length, content. Cortex measures label sizes so. */
function fieldBytes(bytes: number): number {
  let lengthBytes = 1;
  for (let rest = bytes >>> 7; rest > 0; rest >>>= 7) lengthBytes += 1;
  return 1 + lengthBytes + bytes;
}
