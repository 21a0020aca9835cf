import { SystemClock } from '../../src/model/clock.ts';
import { createMatcher, type Matcher } from '../../src/model/matcher.ts';
import { FAKE_TENANT } from '../../src/model/tenant.ts';
import { openStore } from '../../src/storage/sqlite-store.ts';
import { batchOf, IN_ORDER_ONLY } from '../../test/support/store-batches.ts';
import { createCorpus } from '../data/corpus.ts';
import { SEED } from '../data/random.ts';
import type { Scenario } from '../scenario.ts';
import { measureInto } from './measure-work.ts';

const SERIES_COUNT = 100_000;

interface Selection {
  readonly name: string;
  /** Others each time: a selection that was made before may be remembered. */
  readonly matchers: (run: number) => readonly Matcher[];
}

const instance = (run: number): string => `10.${(run >> 8) % 40}.${run & 255}.17:8080`;

const selections: readonly Selection[] = [
  {
    name: 'an instance of a metric, two lists',
    matchers: (run) => [
      createMatcher('__name__', '=', 'requests_total'),
      createMatcher('instance', '=', instance(run)),
    ],
  },
  {
    name: 'five long lists and a short one',
    matchers: (run) => [
      createMatcher('__name__', '=', 'requests_total'),
      createMatcher('job', '=', 'kubernetes-pods'),
      createMatcher('method', '=', 'GET'),
      createMatcher('region', '=', 'eu-west-1'),
      createMatcher('handler', '=', '/login'),
      createMatcher('instance', '=', instance(run * 4)),
    ],
  },
  {
    name: 'two long lists and an expression over 12,500 values',
    matchers: (run) => [
      createMatcher('__name__', '=', 'requests_total'),
      createMatcher('handler', '=', '/login'),
      createMatcher('pod', '=~', `checkout-.*${(run * 7).toString(16)}.*`),
    ],
  },
  {
    name: 'all but one instance of a handler',
    matchers: (run) => [createMatcher('handler', '=', '/api/search'), createMatcher('instance', '!=', instance(run))],
  },
];

export const postingsScenario: Scenario = {
  name: 'postings',
  about: `selections among ${SERIES_COUNT.toLocaleString('en-US')} series by lists of series and by regular expressions, none of them asked before`,
  async run({ rows, isSmoke }) {
    const measure = measureInto(rows, isSmoke);
    const seriesCount = isSmoke ? 2000 : SERIES_COUNT;
    const store = openStore({
      path: ':memory:',
      clock: new SystemClock(),
      retentionMs: 0,
      checkpointIntervalMs: 3_600_000,
      decodedCacheBytes: 1 << 20,
    });
    try {
      const corpus = createCorpus([{ metric: 'requests_total', kind: 'counter', seriesCount }], 0, SEED);
      const batch = batchOf(
        store,
        FAKE_TENANT,
        corpus.map(({ labels }) => [Object.fromEntries(labels), [[1, 1]]]),
      );
      store.append(FAKE_TENANT, batch, IN_ORDER_ONLY);
      const select = (matchers: readonly Matcher[]): number =>
        store.select({ tenant: FAKE_TENANT, matchers, startMs: 0, endMs: 1 }).labels.length;
      for (const { name, matchers } of selections) {
        if (select(matchers(0)) === 0) throw new Error(`nothing is selected: ${name}`);
        let run = 1;
        await measure(name, () => select(matchers(run++)));
      }
    } finally {
      await store.close();
    }
  },
};
