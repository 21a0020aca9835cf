import { geometricMeanOf } from '../measure.ts';
import { SELF } from '../targets/target.ts';
import { type Row, ratioTo } from './rows.ts';
import { shortfalls } from './shortfalls.ts';
import { formatNumber } from './table.ts';

/** What has to hold, and whether it did. */
export interface Goal {
  readonly what: string;
  readonly goal: string;
  readonly measured: string;
  readonly holds: boolean;
  /** Why it does not, as far as that is known. */
  readonly reason?: string;
}

interface GoalSpec {
  readonly what: string;
  readonly goal: string;
  /** Undefined when what it takes was not measured. */
  readonly judge: (rows: Rows) => { readonly measured: string; readonly holds: boolean } | undefined;
}

/** The rows of a run, by scenario and name. */
class Rows {
  readonly #rows: readonly Row[];

  constructor(rows: readonly Row[]) {
    this.#rows = rows;
  }

  find(scenario: string, name: string): Row | undefined {
    return this.#rows.find((row) => row.scenario === scenario && row.name === name);
  }

  of(scenario: string): Row[] {
    return this.#rows.filter((row) => row.scenario === scenario);
  }
}

/** Our figure is no larger than `limit`. */
function atMost(scenario: string, name: string, limit: number, unit: string): GoalSpec['judge'] {
  return (rows) => {
    const value = rows.find(scenario, name)?.figures[SELF]?.value;
    return value === undefined
      ? undefined
      : { measured: `${formatNumber(value)} ${unit}`.trim(), holds: value <= limit };
  };
}

/** We are at least `factor` times better than `peer`. */
function ahead(scenario: string, name: string, peer: string, factor: number): GoalSpec['judge'] {
  return (rows) => {
    const row = rows.find(scenario, name);
    const ratio = row && ratioTo(row, SELF, peer);
    return ratio === undefined ? undefined : { measured: `${ratio.toFixed(2)}x`, holds: ratio >= factor };
  };
}

/** Every line of queries is faster than that of `peer`. */
function onEveryLine(peer: string): GoalSpec['judge'] {
  return (rows) => {
    const lines = rows.of('query').filter(({ stepCount }) => stepCount !== undefined);
    const ratios = lines.flatMap((row) => {
      const ratio = ratioTo(row, SELF, peer);
      return ratio === undefined ? [] : [{ name: row.name, ratio }];
    });
    if (ratios.length === 0) return undefined;
    const slower = ratios.filter(({ ratio }) => ratio < 1).sort((a, b) => a.ratio - b.ratio);
    const worst = slower.slice(0, 3).map(({ name, ratio }) => `${name} (${ratio.toFixed(2)}x)`);
    const mean = geometricMeanOf(ratios.map(({ ratio }) => ratio));
    const measured = `${ratios.length - slower.length} of ${ratios.length} lines, ${mean.toFixed(2)}x in the mean`;
    return { measured: [measured, ...worst].join('; '), holds: slower.length === 0 };
  };
}

const means = { instant: 'mean, instant', hundred: 'mean, 100 steps', thousand: 'mean, 1,000 steps' };

const specs: readonly GoalSpec[] = [
  { what: 'ready after process start', goal: '<= 150 ms', judge: atMost('start', 'ready after', 150, 'ms') },
  {
    what: 'ready with 10,000 series x 240 samples',
    goal: '<= 300 ms',
    judge: atMost('corpus', 'restart with the corpus', 300, 'ms'),
  },
  { what: 'idle memory', goal: '<= 70 MB', judge: atMost('start', 'resident when idle', 70, 'MB') },
  {
    what: 'loaded memory',
    goal: 'no more than Prometheus',
    judge: ahead('corpus', 'resident after loading', 'prometheus', 1),
  },
  {
    what: 'memory after a restart',
    goal: 'no more than Prometheus',
    judge: ahead('corpus', 'resident after the restart', 'prometheus', 1),
  },
  {
    what: 'ingest, warm series',
    goal: '>= 2x Prometheus',
    judge: ahead('ingest', 'warm series, 1.0', 'prometheus', 2),
  },
  {
    what: 'ingest, processor time',
    goal: '<= 0.3x Prometheus (3.33 times better)',
    judge: ahead('ingest', 'processor per million samples, 1.0', 'prometheus', 1 / 0.3),
  },
  {
    what: 'ingest 2.0, warm series',
    goal: '>= 2x Prometheus',
    judge: ahead('ingest', 'warm series, 2.0', 'prometheus', 2),
  },
  {
    what: 'ingest 2.0, processor time',
    goal: '<= 0.3x Prometheus (3.33 times better)',
    judge: ahead('ingest', 'processor per million samples, 2.0', 'prometheus', 1 / 0.3),
  },
  {
    what: 'ingest, new series',
    goal: '>= 1.0x Prometheus',
    judge: ahead('ingest', 'new series', 'prometheus', 1),
  },
  { what: 'queries', goal: 'faster than Prometheus on every line', judge: onEveryLine('prometheus') },
  { what: 'queries', goal: 'faster than Cortex on every line', judge: onEveryLine('cortex') },
  { what: 'queries, 1,000 steps', goal: '>= 5x Prometheus', judge: ahead('query', means.thousand, 'prometheus', 5) },
  { what: 'queries, 100 steps', goal: '>= 3x Prometheus', judge: ahead('query', means.hundred, 'prometheus', 3) },
  { what: 'queries, instant', goal: '>= 1.5x Prometheus', judge: ahead('query', means.instant, 'prometheus', 1.5) },
  ...Object.values(means).map((mean) => ({
    what: `queries, ${mean.slice(6)}`,
    goal: 'ahead of VictoriaMetrics',
    judge: ahead('query', mean, 'victoria-metrics', 1),
  })),
  {
    what: 'disk after a clean stop',
    goal: '<= 2.0 bytes a sample',
    judge: atMost('corpus', 'disk after a clean stop', 2, 'bytes'),
  },
  { what: 'mixed load, /ready', goal: 'p99 <= 50 ms', judge: atMost('mixed', 'ready, p99', 50, 'ms') },
  { what: 'mixed load, push', goal: 'p99 <= 100 ms', judge: atMost('mixed', 'push, p99', 100, 'ms') },
  { what: 'mixed load, panel', goal: 'p99 ahead of Prometheus', judge: ahead('mixed', 'panel, p99', 'prometheus', 1) },
  {
    what: 'mixed load, event loop',
    goal: 'delay p99 < 25 ms',
    judge: atMost('mixed', 'event-loop delay, p99', 25, 'ms'),
  },
  {
    what: 'a million series, selective query',
    goal: '<= 100 ms',
    judge: atMost('million', 'selective query', 100, 'ms'),
  },
  {
    what: 'a million series, restart',
    goal: '<= 15 s',
    judge: atMost('million', 'restart, until all series answer', 15, 's'),
  },
  { what: 'a million series, memory', goal: '<= 2.5 GB', judge: atMost('million', 'resident, at most', 2500, 'MB') },
];

/** What `shortfalls` may give reasons for. */
export const goalNames: readonly string[] = specs.map(({ what, goal }) => `${what}: ${goal}`);

/** Every goal for which `rows` have what it takes. */
export function judgeGoals(rows: readonly Row[]): Goal[] {
  const found = new Rows(rows);
  return specs.flatMap(({ what, goal, judge }) => {
    const verdict = judge(found);
    if (!verdict) return [];
    const reason = verdict.holds ? undefined : shortfalls[`${what}: ${goal}`];
    return [{ what, goal, ...verdict, ...(reason !== undefined && { reason }) }];
  });
}

/** As a table in Markdown, which reads well in a terminal too. */
export function goalsTable(goals: readonly Goal[]): string {
  const hasReasons = goals.some(({ reason }) => reason !== undefined);
  const cells = [
    ['what', 'goal', 'measured', 'holds', ...(hasReasons ? ['why not'] : [])],
    ...goals.map(({ what, goal, measured, holds, reason = '' }) => [
      ...[what, goal, measured, holds ? 'yes' : 'NO'],
      ...(hasReasons ? [reason] : []),
    ]),
  ].map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  return [cells[0]!, cells[0]!.map(() => '---'), ...cells.slice(1)].map((line) => `| ${line.join(' | ')} |`).join('\n');
}
