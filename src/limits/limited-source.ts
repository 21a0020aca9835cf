import type { SampleColumns } from '../model/columns.ts';
import { PocketCortexError } from '../model/errors.ts';
import type { Labels } from '../model/labels.ts';
import { formatMatcher, type Matcher } from '../model/matcher.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import { encodedLength } from './encoded-length.ts';
import type { Limits, TenantLimits } from './limits.ts';

/** What Prometheus's engine puts before errors of a source. */
const EXPANDING = 'expanding series: ';

/** Prometheus cuts the chunks of its head at this many samples. */
const CHUNK_SAMPLES = 120;
/** About what Prometheus takes for a sample, and for the first of a chunk with all that is around it. */
const SAMPLE_BYTES = 2;
const CHUNK_BYTES = 24;

export interface LimitedSourceOptions {
  readonly source: SeriesSource;
  readonly limits: Limits;
  /**
   * All values of a label, for the limits on regular expressions; undefined when these are not obeyed
   * (`-ingester.enable-regex-matcher-limits`).
   */
  readonly labelValues: ((tenant: TenantId, labelName: string) => readonly string[]) | undefined;
}

/**
 * A source that obeys the limits on what a query may fetch. It counts within one query and by tenant, so the engine asks
 * it for a source of its own for each query.
 */
export function limitedSource(options: LimitedSourceOptions): SeriesSource {
  const { source } = options;
  return {
    select: (request) => source.select(request),
    selectInSlices: (request) => source.selectInSlices(request),
    forQuery: () => countingSource(options),
  };
}

function countingSource({ source, limits, labelValues }: LimitedSourceOptions): SeriesSource {
  const counts = new Map<TenantId, FetchCount>();
  function* selectInSlices(request: SelectRequest): Work<SeriesSet> {
    const { tenant, matchers } = request;
    const ofTenant = limits.forTenant(tenant);
    if (labelValues) checkRegexes(tenant, matchers, ofTenant, labelValues);
    const count = counts.get(tenant) ?? new FetchCount(ofTenant);
    counts.set(tenant, count);
    const set = yield* source.selectInSlices(request);
    count.addSeries(set.labels, EXPANDING);
    return {
      labels: set.labels,
      read: (seriesIndex: number, into: SampleColumns) => {
        set.read(seriesIndex, into);
        count.addSamples(into.count);
      },
    };
  }
  return { select: (request) => runAtOnce(selectInSlices(request)), selectInSlices };
}

/** What a query has fetched of one tenant. @throws {PocketCortexError} `execution-error` from the first too many on */
export class FetchCount {
  readonly #limits: TenantLimits;
  readonly #series = new Set<string>();
  #chunkCount = 0;
  #chunkBytes = 0;
  #dataBytes = 0;

  constructor(limits: TenantLimits) {
    this.#limits = limits;
  }

  /** `prefix` stands before the error. */
  addSeries(series: readonly Labels[], prefix: string): void {
    const { maxFetchedSeriesPerQuery: seriesLimit, maxFetchedDataBytesPerQuery: bytesLimit } = this.#limits;
    if (seriesLimit > 0) {
      for (const labels of series) {
        this.#series.add(labels.key);
        if (this.#series.size > seriesLimit) {
          throw tooMuch(`${prefix}the query hit the max number of series limit (limit: ${seriesLimit} series)`);
        }
      }
    }
    if (bytesLimit > 0) for (const labels of series) this.#addDataBytes(encodedLength(labels), prefix);
  }

  addSamples(sampleCount: number): void {
    if (sampleCount === 0) return;
    const { maxFetchedChunksPerQuery: chunksLimit, maxFetchedChunkBytesPerQuery: bytesLimit } = this.#limits;
    const { chunkCount, chunkBytes: bytes } = chunksOf(sampleCount);
    this.#chunkCount += chunkCount;
    if (chunksLimit > 0 && this.#chunkCount > chunksLimit) {
      throw tooMuch(`${EXPANDING}the query hit the max number of chunks limit (limit: ${chunksLimit} chunks)`);
    }
    this.#chunkBytes += bytes;
    if (bytesLimit > 0 && this.#chunkBytes > bytesLimit) {
      throw tooMuch(`${EXPANDING}the query hit the aggregated chunks size limit (limit: ${bytesLimit} bytes)`);
    }
    this.#addDataBytes(bytes);
  }

  #addDataBytes(bytes: number, prefix = EXPANDING): void {
    const limit = this.#limits.maxFetchedDataBytesPerQuery;
    this.#dataBytes += bytes;
    if (limit > 0 && this.#dataBytes > limit) {
      throw tooMuch(`${prefix}the query hit the aggregated data size limit (limit: ${limit} bytes)`);
    }
  }
}

/** The chunks that samples of one series would be in, in Prometheus. */
export function chunksOf(sampleCount: number): { readonly chunkCount: number; readonly chunkBytes: number } {
  const chunkCount = Math.ceil(sampleCount / CHUNK_SAMPLES);
  return { chunkCount, chunkBytes: chunkCount * CHUNK_BYTES + sampleCount * SAMPLE_BYTES };
}

/** @throws {PocketCortexError} `execution-error` */
function checkRegexes(
  tenant: TenantId,
  matchers: readonly Matcher[],
  limits: TenantLimits,
  labelValues: (tenant: TenantId, labelName: string) => readonly string[],
): void {
  const costly = matchers.filter(isUnoptimized);
  const { maxRegexPatternLength, maxLabelCardinalityForUnoptimizedRegex: maxCardinality } = limits;
  const maxBytes = limits.maxTotalLabelValueLengthForUnoptimizedRegex;
  for (const matcher of costly) {
    const length = Buffer.byteLength(matcher.value);
    if (maxRegexPatternLength === 0 || length <= maxRegexPatternLength) continue;
    throw tooMuch(
      `${EXPANDING}regex pattern length ${length} exceeds limit ${maxRegexPatternLength} for unoptimized regex matcher ${JSON.stringify(formatMatcher(matcher))}. Consider using a more specific pattern.`,
    );
  }
  if (maxCardinality === 0 && maxBytes === 0) return;
  for (const matcher of costly) {
    const values = labelValues(tenant, matcher.name);
    const name = JSON.stringify(matcher.name);
    const text = JSON.stringify(formatMatcher(matcher));
    if (maxCardinality > 0 && values.length > maxCardinality) {
      throw tooMuch(
        `${EXPANDING}label ${name} has cardinality ${values.length} which exceeds limit ${maxCardinality} for unoptimized regex matcher ${text}. Consider using a more specific matcher.`,
      );
    }
    const bytes = values.reduce((sum, value) => sum + Buffer.byteLength(value), 0);
    if (maxBytes > 0 && bytes > maxBytes) {
      throw tooMuch(
        `${EXPANDING}label ${name} has total value length ${bytes} bytes (across ${values.length} values) which exceeds limit ${maxBytes} for unoptimized regex matcher ${text}. Consider using a more specific matcher.`,
      );
    }
  }
}

/** One that has to be tried on every value: neither a list of values, nor a text with `.*` or `.+` around it. */
function isUnoptimized({ op, value, values }: Matcher): boolean {
  return op === '=~' && values === undefined && !/^(\.[*+])?[^\\.+*?()|[\]{}^$]*(\.[*+])?$/.test(value);
}

function tooMuch(message: string): PocketCortexError {
  return new PocketCortexError('execution-error', message);
}
