import { SampleColumns } from '../model/columns.ts';
import type { Labels } from '../model/labels.ts';
import type { Matcher } from '../model/matcher.ts';
import type { SeriesSet } from '../model/series-source.ts';
import type { TenantId } from '../model/tenant.ts';
import { makeInSlices, type Work } from '../model/work.ts';
import type { Exemplar, MetricMetadata } from '../model/write-batch.ts';
import type { StoreReads } from '../storage/federated-reads.ts';
import { exemplarsJsonLine, metadataJsonLine, writeJsonLines } from '../wire/text/write-json-lines.ts';
import { type Family, type LeftOut, OpenMetricsWriter } from '../wire/text/write-open-metrics.ts';

export interface ExportRequest {
  readonly tenant: TenantId;
  /** Any of these. */
  readonly selectors: readonly (readonly Matcher[])[];
  /** Both included. */
  readonly startMs: number;
  readonly endMs: number;
  readonly format: 'openmetrics' | 'jsonl';
  /**
   * With JSON lines: all series of a stretch of this length come before those of the next. Who takes no old samples, as
   * Prometheus and Cortex, has to be sent them in the order of time. 0 is one stretch.
   */
  readonly windowMs: number;
}

/** Counts go up while the text is made. */
export interface ExportCounts extends LeftOut {
  series: number;
  samples: number;
}

/** A text that is made as it is taken: one series at a time, in pieces of some kilobytes, never all of it. */
export interface TextExport {
  readonly counts: ExportCounts;
  readonly text: AsyncGenerator<string, void>;
}

const CHUNK_CHARACTERS = 1 << 16;

/** Exports series with their samples, exemplars and metadata. The tenant is loaded. */
export function exportText(store: StoreReads, request: ExportRequest): TextExport {
  const counts: ExportCounts = { series: 0, samples: 0, staleMarkers: 0, histograms: 0, exemplars: 0 };
  const pieces = request.format === 'jsonl' ? jsonLines(store, request, counts) : openMetrics(store, request, counts);
  return { counts, text: inChunks(pieces) };
}

/** An empty piece is a place to pause. */
type Pieces = Generator<string, void>;

async function* inChunks(pieces: Pieces): AsyncGenerator<string, void> {
  let text = '';
  for await (const piece of makeInSlices(pieces)) {
    text += piece;
    if (text.length < CHUNK_CHARACTERS) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}

function* openMetrics(store: StoreReads, request: ExportRequest, counts: ExportCounts): Pieces {
  const writer = new OpenMetricsWriter(store.metadata(request.tenant));
  const exemplars = yield* exemplarsOf(store, request);
  const samples = new SampleColumns();
  const set = joined(yield* setsOf(store, request));
  for (const [family, indexes] of familiesOf(set, writer)) {
    let header = writer.familyHeader(family);
    for (const index of indexes) {
      const labels = set.labels[index]!;
      set.read(index, samples);
      yield '';
      if (samples.count === 0) continue;
      counts.series += 1;
      counts.samples += samples.count;
      for (const lines of writer.seriesLines(labels, samples, exemplars.get(labels.key))) {
        yield header + lines;
        header = '';
      }
      Object.assign(counts, writer.leftOut);
    }
  }
  yield '# EOF\n';
}

/** As one, so that a family that two selectors find is in one piece. */
function joined(sets: readonly SeriesSet[]): SeriesSet {
  if (sets.length === 1) return sets[0]!;
  const places = sets.flatMap((set) => set.labels.map((labels, index) => ({ labels, set, index })));
  return {
    labels: places.map(({ labels }) => labels),
    read: (seriesIndex, into) => {
      const { set, index } = places[seriesIndex]!;
      set.read(index, into);
    },
  };
}

/** The series of a family stand together, families in the order of their first series. */
function familiesOf({ labels }: SeriesSet, writer: OpenMetricsWriter): ReadonlyMap<Family, readonly number[]> {
  const byName = new Map<string, Family>();
  const found = new Map<Family, number[]>();
  for (let index = 0; index < labels.length; index++) {
    const { metricName } = labels[index]!;
    const family = byName.get(metricName) ?? writer.familyOf(metricName);
    byName.set(metricName, family);
    const known = found.get(family);
    if (known) known.push(index);
    else found.set(family, [index]);
  }
  return found;
}

function* jsonLines(store: StoreReads, request: ExportRequest, counts: ExportCounts): Pieces {
  const exported = new Set<Labels>();
  const metrics = new Set<string>();
  const samples = new SampleColumns();
  for (const window of yield* windowsOf(store, request)) {
    for (const set of yield* setsOf(store, { ...request, ...window })) {
      for (let index = 0; index < set.labels.length; index++) {
        const labels = set.labels[index]!;
        set.read(index, samples);
        yield '';
        if (samples.count === 0) continue;
        exported.add(labels);
        metrics.add(labels.metricName);
        counts.series = exported.size;
        counts.samples += samples.count;
        yield* writeJsonLines(labels, samples);
      }
    }
  }
  for (const { labels, exemplars } of yield* selectExemplars(store, request)) {
    yield exemplarsJsonLine(labels, exemplars);
  }
  for (const entry of store.metadata(request.tenant)) if (isAbout(entry, metrics)) yield metadataJsonLine(entry);
}

/** What a metric's series may have behind the name that its metadata has. */
const SUFFIXES = ['', '_total', '_bucket', '_count', '_sum', '_created', '_info', '_gcount', '_gsum'];

function isAbout({ metric }: MetricMetadata, metrics: ReadonlySet<string>): boolean {
  return SUFFIXES.some((suffix) => metrics.has(metric + suffix));
}

/** The series of each selector, without those of the selectors before. */
function* setsOf(store: StoreReads, request: ExportRequest): Generator<string, readonly SeriesSet[]> {
  const { tenant, selectors, startMs, endMs } = request;
  const sets: SeriesSet[] = [];
  const seen = new Set<string>();
  for (const matchers of selectors) {
    const set = yield* paused(store.selectInSlices({ tenant, matchers, startMs, endMs }));
    if (selectors.length === 1) return [set];
    const indexes: number[] = [];
    for (let index = 0; index < set.labels.length; index++) {
      const { key } = set.labels[index]!;
      if (!seen.has(key)) indexes.push(index);
      seen.add(key);
    }
    sets.push({
      labels: indexes.map((index) => set.labels[index]!),
      read: (index, into) => set.read(indexes[index]!, into),
    });
  }
  return sets;
}

function selectExemplars(
  store: StoreReads,
  { tenant, selectors, startMs, endMs }: ExportRequest,
): Generator<string, readonly { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[]> {
  return paused(store.exemplars(tenant, selectors, { startMs, endMs }));
}

function* exemplarsOf(
  store: StoreReads,
  request: ExportRequest,
): Generator<string, ReadonlyMap<string, readonly Exemplar[]>> {
  const found = yield* selectExemplars(store, request);
  return new Map(found.map(({ labels, exemplars }) => [labels.key, exemplars]));
}

interface Window {
  readonly startMs: number;
  readonly endMs: number;
}

/** Data with large gaps is cut more coarsely. */
const WINDOWS_LIMIT = 10_000;

/** The stretches that the samples lie in, one after the other. */
function* windowsOf(store: StoreReads, request: ExportRequest): Generator<string, Iterable<Window>> {
  const { startMs, endMs, windowMs } = request;
  if (windowMs === 0) return [{ startMs, endMs }];
  const firstMs = yield* boundOf(store, request, 'first');
  if (firstMs === undefined) return [];
  const lastMs = (yield* boundOf(store, request, 'last')) ?? firstMs;
  const lengthMs = Math.max(windowMs, Math.ceil((lastMs - firstMs + 1) / WINDOWS_LIMIT));
  const windows: Window[] = [];
  for (let fromMs = firstMs; fromMs <= lastMs; fromMs += lengthMs) {
    windows.push({ startMs: fromMs, endMs: Math.min(lastMs, fromMs + lengthMs - 1) });
  }
  return windows;
}

/** No time is further away: the range of a `Date`. */
const TIME_LIMIT_MS = 8_640_000_000_000_000;

/**
 * The time of the first or the last sample, found by asking which times any series covers: that takes a few dozen
 * selections and reads no sample. Series that have a gap there may make it a little too early, or too late.
 */
function* boundOf(
  store: StoreReads,
  request: ExportRequest,
  side: 'first' | 'last',
): Generator<string, number | undefined> {
  let lowMs = Math.max(request.startMs, -TIME_LIMIT_MS);
  let highMs = Math.min(request.endMs, TIME_LIMIT_MS);
  const whole = { ...request, startMs: lowMs, endMs: highMs };
  if (!(yield* hasSeries(store, whole))) return undefined;
  while (lowMs < highMs) {
    const middleMs = Math.floor((lowMs + highMs) / 2);
    if (side === 'first') {
      if (yield* hasSeries(store, { ...whole, endMs: middleMs })) highMs = middleMs;
      else lowMs = middleMs + 1;
    } else if (yield* hasSeries(store, { ...whole, startMs: middleMs + 1 })) lowMs = middleMs + 1;
    else highMs = middleMs;
  }
  return lowMs;
}

function* hasSeries(store: StoreReads, request: ExportRequest): Generator<string, boolean> {
  for (const { labels } of yield* setsOf(store, request)) if (labels.length > 0) return true;
  return false;
}

function* paused<Result>(work: Work<Result>): Generator<string, Result> {
  for (;;) {
    const turn = work.next();
    if (turn.done) return turn.value;
    yield '';
  }
}
