import { findProgram } from '../../test/support/child-process.ts';
import { cortexAt } from './cortex.ts';
import { pocketCortexAt } from './pocket-cortex.ts';
import { prometheusAt } from './prometheus.ts';
import type { TargetKind } from './target.ts';
import { victoriaMetricsAt } from './victoria-metrics.ts';

/** The peers, each with the names under which its program may lie on PATH. */
const peers: readonly { readonly programs: readonly string[]; readonly kindAt: (command: string) => TargetKind }[] = [
  { programs: ['prometheus'], kindAt: prometheusAt },
  { programs: ['victoria-metrics', 'victoria-metrics-prod', 'victoriametrics'], kindAt: victoriaMetricsAt },
  { programs: ['cortex'], kindAt: cortexAt },
];

export interface Builds {
  /** The folder of this project's build. */
  readonly dist: string;
  /** That of another build, to be measured beside it. */
  readonly baseline?: string | undefined;
}

/** The servers that can be measured here: ours first, then those peers that are on PATH. */
export function availableTargets({ dist, baseline }: Builds): TargetKind[] {
  const kinds = [pocketCortexAt(dist)];
  if (baseline !== undefined) kinds.push(pocketCortexAt(baseline, { name: 'baseline' }));
  for (const { programs, kindAt } of peers) {
    const command = programs.map(findProgram).find((path) => path !== undefined);
    if (command !== undefined) kinds.push(kindAt(command));
  }
  return kinds;
}
