import { Writer } from 'protobufjs/minimal.js';
import type { MetricType } from '../../src/model/write-batch.ts';
import { type HistogramMessage, writeHistogram } from '../../src/wire/histogram-encode.ts';
import { metricTypes } from '../../src/wire/remote-write.ts';
import { type SampleValue, writeValue } from '../../src/wire/remote-write-encode.ts';

/** A remote-write 2.0 request to encode. Without `symbols` the table is made, the empty text first. */
export interface RequestV2Message {
  readonly symbols?: readonly string[];
  readonly series?: readonly SeriesV2Message[];
}

export interface SeriesV2Message {
  readonly labels?: readonly (readonly [name: string, value: string])[];
  /** In the place of `labels`: as they are. */
  readonly refs?: readonly number[];
  readonly samples?: readonly (readonly [timestampMs: number, value: SampleValue, startMs?: number])[];
  readonly histograms?: readonly HistogramMessage[];
  readonly exemplars?: readonly ExemplarV2Message[];
  readonly metadata?: MetadataV2Message;
  readonly createdMs?: number;
}

export interface ExemplarV2Message {
  readonly labels?: readonly (readonly [name: string, value: string])[];
  readonly refs?: readonly number[];
  readonly value: number;
  readonly timestampMs: number;
}

export interface MetadataV2Message {
  readonly type: MetricType;
  /** A text, or a reference as it is. */
  readonly help?: string | number;
  readonly unit?: string | number;
}

/** The bytes of an io.prometheus.write.v2.Request, not compressed. */
export function encodeRemoteWriteV2({ symbols: given, series = [] }: RequestV2Message): Uint8Array {
  const symbols = new Map<string, number>((given ?? ['']).map((symbol, index) => [symbol, index]));
  const refOf = (text: string | number): number => {
    if (typeof text === 'number') return text;
    if (!symbols.has(text)) symbols.set(text, symbols.size);
    return symbols.get(text)!;
  };
  const refsOf = ({ labels = [], refs }: Pick<SeriesV2Message, 'labels' | 'refs'>) =>
    refs ?? labels.flatMap(([name, value]) => [refOf(name), refOf(value)]);
  const body = Writer.create();
  for (const one of series) {
    body.uint32(0x2a).fork();
    writeRefs(body, refsOf(one));
    for (const [timestampMs, value, startMs] of one.samples ?? []) {
      writeValue(body.uint32(0x12).fork().uint32(0x09), value);
      body.uint32(0x10).int64(timestampMs);
      if (startMs !== undefined) body.uint32(0x18).int64(startMs);
      body.ldelim();
    }
    for (const histogram of one.histograms ?? []) {
      writeHistogram(body.uint32(0x1a).fork(), histogram);
      body.ldelim();
    }
    for (const exemplar of one.exemplars ?? []) {
      body.uint32(0x22).fork();
      writeRefs(body, refsOf(exemplar));
      body.uint32(0x11).double(exemplar.value).uint32(0x18).int64(exemplar.timestampMs).ldelim();
    }
    if (one.metadata) {
      const { type, help = '', unit = '' } = one.metadata;
      body.uint32(0x2a).fork().uint32(0x08).uint32(metricTypes.indexOf(type));
      body.uint32(0x18).uint32(refOf(help)).uint32(0x20).uint32(refOf(unit)).ldelim();
    }
    if (one.createdMs !== undefined) body.uint32(0x30).int64(one.createdMs);
    body.ldelim();
  }
  const table = Writer.create();
  for (const symbol of given ?? symbols.keys()) table.uint32(0x22).string(symbol);
  return Buffer.concat([table.finish(), body.finish()]);
}

function writeRefs(writer: Writer, refs: readonly number[]): void {
  writer.uint32(0x0a).fork();
  for (const ref of refs) writer.uint32(ref);
  writer.ldelim();
}
