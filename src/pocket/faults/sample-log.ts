import { Labels } from '../../model/labels.ts';
import type { TenantId } from '../../model/tenant.ts';
import type { WriteBatch } from '../../model/write-batch.ts';
import { decodeLabels } from '../../wire/remote-write-labels.ts';

/** So many samples take about 30 MB, so many series a little more; what is sent beyond is counted, not kept. */
const SAMPLES_LIMIT = 1_000_000;
const SERIES_LIMIT = 100_000;

export interface LoggedSeries {
  readonly tenant: TenantId;
  readonly labels: Labels;
}

/** Which samples came in which attempt, as columns. */
export class SampleLog {
  readonly series: LoggedSeries[] = [];
  readonly #seriesIds = new Map<string, number>();
  /** The first `count` of each are in use. */
  seriesIds = new Uint32Array(1024);
  attempts = new Uint32Array(1024);
  timestampsMs = new Float64Array(1024);
  /** NaN for a native histogram, of which only the time is kept. */
  values = new Float64Array(1024);
  count = 0;
  /** Samples for which there was no room. */
  untrackedCount = 0;

  /** `batch` is borrowed for the call. */
  add(
    { attempt, tenant }: { readonly attempt: number; readonly tenant: TenantId },
    { body, seriesCount, labelsStart, labelsEnd, ...batch }: WriteBatch,
  ): void {
    const { samplesStart, timestampsMs, values, histograms } = batch;
    const arrivingCount = timestampsMs.length + histograms.length;
    const areTooMany = this.count + arrivingCount > SAMPLES_LIMIT || this.series.length > SERIES_LIMIT - seriesCount;
    if (areTooMany) {
      this.untrackedCount += arrivingCount;
      return;
    }
    this.#reserve(this.count + arrivingCount);
    const seriesIds = new Uint32Array(seriesCount);
    for (let i = 0; i < seriesCount; i++) {
      const seriesId = this.#seriesId(tenant, decodeLabels(body, labelsStart[i]!, labelsEnd[i]!));
      seriesIds[i] = seriesId;
      const from = samplesStart[i]!;
      const to = samplesStart[i + 1]!;
      this.timestampsMs.set(timestampsMs.subarray(from, to), this.count);
      this.values.set(values.subarray(from, to), this.count);
      this.seriesIds.fill(seriesId, this.count, this.count + to - from);
      this.attempts.fill(attempt, this.count, this.count + to - from);
      this.count += to - from;
    }
    for (const { seriesIndex, timestampMs } of histograms) {
      this.seriesIds[this.count] = seriesIds[seriesIndex]!;
      this.attempts[this.count] = attempt;
      this.timestampsMs[this.count] = timestampMs;
      this.values[this.count++] = Number.NaN;
    }
  }

  #seriesId(tenant: TenantId, flat: readonly string[]): number {
    const pairs: [string, string][] = [];
    // A label without a value is no label.
    for (let i = 0; i < flat.length; i += 2) if (flat[i + 1] !== '') pairs.push([flat[i]!, flat[i + 1]!]);
    const labels = Labels.of(pairs);
    const key = `${tenant}\n${labels.key}`;
    const known = this.#seriesIds.get(key);
    if (known !== undefined) return known;
    this.#seriesIds.set(key, this.series.length);
    return this.series.push({ tenant, labels }) - 1;
  }

  #reserve(count: number): void {
    if (count <= this.values.length) return;
    const room = Math.max(count, this.values.length * 2);
    this.seriesIds = enlarged(this.seriesIds, new Uint32Array(room));
    this.attempts = enlarged(this.attempts, new Uint32Array(room));
    this.timestampsMs = enlarged(this.timestampsMs, new Float64Array(room));
    this.values = enlarged(this.values, new Float64Array(room));
  }
}

function enlarged<Column extends Uint32Array | Float64Array>(column: Column, room: Column): Column {
  room.set(column);
  return room;
}
