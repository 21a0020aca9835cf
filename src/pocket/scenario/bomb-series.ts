import { Labels } from '../../model/labels.ts';
import type { ColumnBatch } from './column-batch.ts';
import type { Occurrence } from './occurrences.ts';
import type { SampleTimes } from './pods.ts';
import { chanceAt, keyOf } from './seeded.ts';
import type { ServiceFlow } from './service-flow.ts';

/** New series come for this part of the time; then it stays as it is to the end. */
const GROWTH_PART = 0.8;

/** A label that somebody filled with ids of users: ever more series, until the code is taken back. */
export function addBomb(batch: ColumnBatch, flow: ServiceFlow, occurrence: Occurrence, times: SampleTimes): void {
  const { incident, fromMs, toMs } = occurrence;
  const { timesMs, beforeMs } = times;
  const lastMs = timesMs.at(-1)!;
  if (incident.seriesCount === 0 || lastMs < fromMs || beforeMs >= toMs) return;
  const { service, place } = flow;
  const key = keyOf(place.seed, place.tenant, place.cluster, service.name, `${fromMs}`);
  for (let i = 0; i < incident.seriesCount; i++) {
    const birthMs = fromMs + ((toMs - fromMs) * GROWTH_PART * i) / incident.seriesCount;
    if (birthMs > lastMs) return;
    const labels = Labels.fromRecord({
      __name__: 'http_requests_by_user_total',
      cluster: place.cluster,
      service: service.name,
      user_id: `u-${Math.floor(chanceAt(key, i) * 2 ** 32)
        .toString(16)
        .padStart(8, '0')}`,
    });
    const perSecond = 0.02 + 0.2 * chanceAt(key, -i - 1);
    let from = 0;
    while (from < timesMs.length && timesMs[from]! < birthMs) from += 1;
    let to = from;
    while (to < timesMs.length && timesMs[to]! < toMs) to += 1;
    if (to > from) {
      const alive = timesMs.subarray(from, to);
      const start = batch.run(labels, alive);
      const { values } = batch.samples;
      for (let at = 0; at < alive.length; at++) {
        values[start + at] = 1 + Math.floor(((alive[at]! - birthMs) / 1000) * perSecond);
      }
    }
    // Only who had a sample before can end.
    const hadSample = to > from || beforeMs >= birthMs;
    if (to < timesMs.length && hadSample) batch.stale(labels, timesMs[to]!);
  }
}
