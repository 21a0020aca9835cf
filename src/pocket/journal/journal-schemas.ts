import { boolean, integer, list, mapOf, number, object, oneOf, orNull, text, timeMs, tuple } from '../api/schema.ts';

const series = object({
  labels: mapOf(text),
  sampleCount: integer,
  samples: list(tuple(timeMs, text)),
  histograms: list(tuple(timeMs, object({ schema: integer, count: text, sum: text }))),
  exemplars: list(object({ labels: mapOf(text), value: text, timestampMs: timeMs })),
});

const write = object({
  protocol: oneOf('remote-write-1', 'remote-write-2', 'otlp', 'text'),
  seriesCount: integer,
  sampleCount: integer,
  histogramCount: integer,
  exemplarCount: integer,
  metadata: list(object({ metric: text, type: text, help: text, unit: text })),
  lagMs: orNull(number),
  series: { ...orNull(list(series)), description: 'Null for a write that was too large to keep.' },
});

const request = object({
  sequence: integer,
  receivedMs: timeMs,
  method: text,
  path: text,
  tenant: orNull(text),
  headers: mapOf(text),
  parameters: mapOf(list(text)),
  status: { ...integer, description: '0 where the client was gone, or was cut off.' },
  message: text,
  fault: orNull(text),
  wouldRefuse: orNull(text),
  write: orNull(write),
});

const requests = list(request);

export const journalSchema = object({ last: integer, requests });
export const limitsSchema = object({ requests: integer, bytes: integer });
export const lastSchema = object({ last: integer });
export const metSchema = object({ isMet: boolean, requests });
export const unmetSchema = object({ isMet: boolean, requests, others: requests });
export const noWritesSchema = object({ isMet: boolean });
