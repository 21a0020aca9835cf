import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ByteIndex } from '../../src/model/byte-index.ts';
import { PocketCortexError } from '../../src/model/errors.ts';
import { Scratch } from '../../src/model/scratch.ts';
import type { SeriesFinder } from '../../src/model/series-finder.ts';
import type { WriteBatch } from '../../src/model/write-batch.ts';
import { KnownTables } from '../../src/wire/known-tables.ts';
import { decodeRemoteWriteV2, type RemoteWriteV2Options } from '../../src/wire/remote-write-v2.ts';
import { SymbolNumbers } from '../../src/wire/symbol-numbers.ts';
import { contentOf } from '../support/batch-content.ts';
import { failureOf } from '../support/failure.ts';
import { encodeRemoteWriteV2, type RequestV2Message, type SeriesV2Message } from '../support/remote-write-v2.ts';

const options: RemoteWriteV2Options = {
  labelsLimitBytes: 1 << 20,
  typeAndUnitLabels: false,
  startTimestamps: false,
  exemplarOnlySeries: false,
};

/** Decodes requests one after the other and remembers their series, as a server does. */
class Receiver {
  readonly #index = new ByteIndex(1 << 20);
  readonly #spaces = new Map<string, number>();
  readonly #memory = { symbolNumbers: new SymbolNumbers(), knownTables: new KnownTables() };
  /** By their labels. */
  readonly numbers = new Map<string, number>();
  /** How many series were looked up by what else than references to a known table. */
  slowCount = 0;

  receive(body: Uint8Array, change: Partial<RemoteWriteV2Options> = {}): WriteBatch {
    const seriesFinder = (form: string): SeriesFinder => this.#finder(form);
    const batch = decodeRemoteWriteV2(body, {
      ...options,
      ...this.#memory,
      seriesFinder,
      scratch: new Scratch(),
      ...change,
    });
    const { finder, seriesRefs } = batch.found!;
    const { names } = batch;
    for (let i = 0; i < batch.seriesCount; i++) {
      const key = JSON.stringify(names!.labelsOf(i));
      const known = this.numbers.get(key);
      if (seriesRefs[i] !== 0) expect([key, seriesRefs[i]]).toEqual([key, known]);
      const number = known ?? this.numbers.size + 1;
      this.numbers.set(key, number);
      const { bytes, starts, ends } = names!;
      if (seriesRefs[i] === 0) finder.remember(viewOf(bytes), starts[i]!, ends[i]!, number);
    }
    return batch;
  }

  #finder(form: string): SeriesFinder {
    const space = this.#spaces.get(form) ?? this.#spaces.size + 1;
    this.#spaces.set(form, space);
    const index = this.#index;
    const slow = (): void => {
      if (form === 'symbols') this.slowCount += 1;
    };
    return {
      find(view, start, end) {
        slow();
        return index.find(space, view, start, end);
      },
      matchNext: (view, start, limit) => index.matchNext(space, view, start, limit),
      get lastFound() {
        return index.lastNumber;
      },
      recheck: (found) => found,
      remember: (view, start, end, number) => index.set(space, view, start, end, number),
    };
  }
}

function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

const TIME_MS = 1_700_000_000_000;

function request(names: readonly string[], scrape: number, metadata?: SeriesV2Message['metadata']): RequestV2Message {
  return {
    series: names.map((name, i) => ({
      labels: [
        ['__name__', name],
        ['job', 'api'],
      ],
      samples: [[TIME_MS + scrape * 1000, scrape * 10 + i]],
      ...(metadata && { metadata }),
    })),
  };
}

test('series of a table that comes again and again are found without looking at its texts', () => {
  const receiver = new Receiver();
  const slowCounts: number[] = [];
  for (let scrape = 0; scrape < 5; scrape++) {
    for (const names of [
      ['a', 'b', 'c'],
      ['x', 'y'],
    ]) {
      const message = request(names, scrape, { type: 'gauge', help: 'What it is.' });
      const body = encodeRemoteWriteV2(message);
      expect(contentOf(receiver.receive(body))).toEqual(contentOf(decodeRemoteWriteV2(body, options)));
    }
    slowCounts.push(receiver.slowCount);
  }
  // Kept when it comes for the second time; then its series are looked for once more.
  expect(slowCounts).toEqual([5, 10, 15, 15, 15]);
  expect(receiver.numbers.size).toBe(5);
});

const arbitraryName = fc.constantFrom('a', 'b', 'c', 'a_total', 'x'.repeat(200));
const arbitrarySeries = fc.record({
  labels: fc.uniqueArray(fc.tuple(fc.constantFrom('__name__', 'job', 'le'), arbitraryName), {
    selector: ([name]) => name,
    minLength: 1,
  }),
  samples: fc.array(fc.tuple(fc.integer({ min: 0, max: 2 ** 45 }), fc.double()), { minLength: 1, maxLength: 3 }),
});

test('whatever comes again in whatever order is decoded as if it had never come before', () => {
  const symbols = ['', '__name__', 'job', 'le', 'a', 'b', 'c', 'a_total', 'x'.repeat(200)];
  const receiver = new Receiver();
  fc.assert(
    fc.property(
      fc.array(arbitrarySeries, { maxLength: 8 }),
      fc.integer({ min: 4, max: symbols.length }),
      fc.boolean(),
      (series, tableSize, isScattered) => {
        const table = [...symbols.slice(0, tableSize), ...symbols.slice(tableSize).toReversed()];
        const pieces = [encodeRemoteWriteV2({ symbols: table, series })];
        // A symbol more, behind the series: the table is a longer one.
        if (isScattered) pieces.push(encodeRemoteWriteV2({ symbols: ['more'] }));
        const body = Buffer.concat(pieces);
        expect(contentOf(receiver.receive(body))).toEqual(contentOf(decodeRemoteWriteV2(body, options)));
      },
    ),
  );
});

const TAGS = { series: 0x2a, refs: 0x0a, oneRef: 0x08, samples: 0x12 };

/** A series whose references stand in several fields. */
function scatteredSeries(...fields: readonly number[][]): Uint8Array {
  const sample = [TAGS.samples, 2, 0x10, 5];
  const content = [...fields.flat(), ...sample];
  return Uint8Array.from([TAGS.series, content.length, ...content]);
}

test('references in a field behind those of a known series name another one', () => {
  const symbols = ['', '__name__', 'a', 'job', 'api'];
  const table = encodeRemoteWriteV2({ symbols });
  const plain = scatteredSeries([TAGS.refs, 2, 1, 2]);
  const receiver = new Receiver();
  for (let i = 0; i < 4; i++) receiver.receive(Buffer.concat([table, plain]));
  const more = [
    scatteredSeries([TAGS.refs, 2, 1, 2], [TAGS.refs, 2, 3, 4]),
    scatteredSeries([TAGS.refs, 2, 1, 2], [TAGS.oneRef, 3], [TAGS.oneRef, 4]),
    plain,
  ];
  const { names, found } = receiver.receive(Buffer.concat([table, ...more]));
  expect([0, 1, 2].map((i) => names!.labelsOf(i))).toEqual([
    ['__name__', 'a', 'job', 'api'],
    ['__name__', 'a', 'job', 'api'],
    ['__name__', 'a'],
  ]);
  expect([...found!.seriesRefs]).toEqual([0, 0, 1]);
});

test('what refers to nothing is refused with a known table, too', () => {
  const table = encodeRemoteWriteV2({ symbols: ['', '__name__', 'a'] });
  const receiver = new Receiver();
  for (let i = 0; i < 4; i++) receiver.receive(Buffer.concat([table, scatteredSeries([TAGS.refs, 2, 1, 2])]));
  for (const refs of [
    [TAGS.refs, 2, 1, 3],
    [TAGS.refs, 1, 1],
  ]) {
    const body = Buffer.concat([table, scatteredSeries(refs)]);
    const expected = failureOf(() => decodeRemoteWriteV2(body, options));
    expect(failureOf(() => receiver.receive(body))).toEqual(expected);
  }
});

test('a damaged request is decoded or refused as without a known table', () => {
  const metadata = { type: 'gauge', help: 'What it is.' } as const;
  const sound = Buffer.from(encodeRemoteWriteV2(request(['a', 'b', 'c'], 0, metadata)));
  const tableEnd = sound.indexOf(TAGS.series, sound.indexOf('What it is.'));
  const receiver = new Receiver();
  for (let i = 0; i < 4; i++) receiver.receive(sound);
  const outcomeOf = (decode: () => WriteBatch): unknown => {
    try {
      return contentOf(decode());
    } catch (error) {
      if (error instanceof PocketCortexError) return error.message;
      throw error;
    }
  };
  fc.assert(
    fc.property(fc.integer({ min: tableEnd, max: sound.length - 1 }), fc.nat(255), fc.nat(20), (at, byte, cut) => {
      const damaged = Buffer.from(sound.subarray(0, sound.length - (cut < 15 ? 0 : cut)));
      damaged[at] = byte;
      expect(outcomeOf(() => receiver.receive(damaged))).toEqual(
        outcomeOf(() => decodeRemoteWriteV2(damaged, options)),
      );
    }),
    { numRuns: 500 },
  );
});

test('with labels that are more than references none is looked for by them', () => {
  const { found, names } = decodeRemoteWriteV2(encodeRemoteWriteV2(request(['a'], 0, { type: 'gauge' })), {
    ...options,
    typeAndUnitLabels: true,
    symbolNumbers: new SymbolNumbers(),
    knownTables: new KnownTables(),
    seriesFinder: (form) => expect.fail(`looks for ${form}`),
  });
  expect([found, names]).toEqual([undefined, undefined]);
});
