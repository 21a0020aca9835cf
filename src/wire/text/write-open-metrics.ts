import { isStaleMarker, type SampleColumns } from '../../model/columns.ts';
import { formatFloat } from '../../model/go-float.ts';
import { isLegacyLabelName, isLegacyMetricName, type Labels, METRIC_NAME } from '../../model/labels.ts';
import type { Exemplar, MetricMetadata, MetricType } from '../../model/write-batch.ts';

/** Lines in a piece of text. */
const LINES_PER_PIECE = 256;

/** A family as OpenMetrics has it: its name, without what its samples have behind it. */
export interface Family {
  readonly name: string;
  readonly metadata: MetricMetadata | undefined;
}

/** What the names of a type's samples have behind the name of their family. */
const suffixes: Readonly<Record<MetricType, readonly string[]>> = {
  counter: ['_total', '_created'],
  gauge: [''],
  histogram: ['_bucket', '_count', '_sum', '_created'],
  gaugehistogram: ['_bucket', '_gcount', '_gsum'],
  summary: ['', '_count', '_sum', '_created'],
  info: ['_info'],
  stateset: [''],
  unknown: [''],
};

/** What was not written, as the text has no form for it. */
export interface LeftOut {
  staleMarkers: number;
  histograms: number;
  exemplars: number;
}

/**
 * Writes OpenMetrics text. It has no form for native histograms and staleness markers: those are left out and counted.
 * Families come as whoever calls has ordered them, each in one piece.
 */
export class OpenMetricsWriter {
  readonly leftOut: LeftOut = { staleMarkers: 0, histograms: 0, exemplars: 0 };
  readonly #families = new Map<string, Family>();

  /** Of several entries for a metric the last counts. */
  constructor(metadata: readonly MetricMetadata[]) {
    for (const entry of metadata) this.#addFamily(entry);
  }

  /** The family that series of this name belong to. */
  familyOf(metricName: string): Family {
    return this.#families.get(metricName) ?? { name: metricName, metadata: undefined };
  }

  /** What stands before the samples of a family. */
  familyHeader({ name, metadata }: Family): string {
    if (metadata === undefined) return '';
    const { type, help, unit } = metadata;
    const shown = isLegacyMetricName(name) ? name : quote(name);
    let text = `# TYPE ${shown} ${type}\n`;
    // A unit that the name does not end in is refused by who reads it.
    if (unit !== '' && name.endsWith(`_${unit}`)) text += `# UNIT ${shown} ${unit}\n`;
    if (help !== '') text += `# HELP ${shown} ${escapeText(help)}\n`;
    return text;
  }

  /** The lines of a series, some at a time; each exemplar stands with the first sample that is not older. */
  *seriesLines(labels: Labels, samples: SampleColumns, exemplars: readonly Exemplar[] = []): Generator<string, void> {
    const { timestampsMs, values, bits, histograms, count } = samples;
    const prefix = `${seriesText(labels)} `;
    let text = '';
    let lines = 0;
    let next = 0;
    for (let i = 0; i < count; i++) {
      const value = values[i]!;
      if (histograms?.[i] !== undefined) {
        this.leftOut.histograms += 1;
        continue;
      }
      if (Number.isNaN(value) && isStaleMarker(bits, i)) {
        this.leftOut.staleMarkers += 1;
        continue;
      }
      text += `${prefix}${valueText(value)} ${timestampsMs[i]! / 1000}`;
      if (next < exemplars.length && exemplars[next]!.timestampMs <= timestampsMs[i]!) {
        // A line has room for one: the newest.
        while (next + 1 < exemplars.length && exemplars[next + 1]!.timestampMs <= timestampsMs[i]!) {
          this.leftOut.exemplars += 1;
          next += 1;
        }
        text += exemplarText(exemplars[next++]!);
      }
      text += '\n';
      if (++lines % LINES_PER_PIECE !== 0) continue;
      yield text;
      text = '';
    }
    this.leftOut.exemplars += exemplars.length - next;
    if (text !== '') yield text;
  }

  #addFamily(metadata: MetricMetadata): void {
    const { metric, type } = metadata;
    const own = suffixes[type];
    // Prometheus's text format names a counter with its suffix.
    const suffix = (type === 'counter' || type === 'info') && metric.endsWith(own[0]!) ? own[0]! : '';
    const name = metric.slice(0, metric.length - suffix.length);
    const family = { name, metadata };
    for (const behind of own) this.#families.set(name + behind, family);
    // A counter that is named like none has a type that OpenMetrics does not let it have.
    if ((type === 'counter' || type === 'info') && !this.#families.has(metric)) {
      this.#families.set(metric, { name: metric, metadata: { ...metadata, type: 'unknown' } });
    }
  }
}

function seriesText(labels: Labels): string {
  const { metricName } = labels;
  const isLegacy = isLegacyMetricName(metricName);
  const parts: string[] = isLegacy || metricName === '' ? [] : [quote(metricName)];
  for (const [name, value] of labels) {
    if (name !== METRIC_NAME) parts.push(`${isLegacyLabelName(name) ? name : quote(name)}=${quote(value)}`);
  }
  const braces = parts.length === 0 ? '' : `{${parts}}`;
  return isLegacy ? metricName + braces : braces;
}

function exemplarText({ labels, value, timestampMs }: Exemplar): string {
  const pairs = labels.map(([name, text]) => `${isLegacyLabelName(name) ? name : quote(name)}=${quote(text)}`);
  return ` # {${pairs}} ${valueText(value)} ${timestampMs / 1000}`;
}

/** JavaScript's shortest digits, with an exponent where there would be many zeros. */
function valueText(value: number): string {
  return Number.isFinite(value) && value !== 0 ? `${value}` : formatFloat(value);
}

function quote(text: string): string {
  return `"${escapeText(text)}"`;
}

function escapeText(text: string): string {
  return /[\\\n"]/.test(text) ? text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"') : text;
}
