import type { RowCollector } from './report/rows.ts';
import type { TargetKind } from './targets/target.ts';

export interface ScenarioOptions {
  /** Takes the figures as they are found: what there is counts, should the rest fail. */
  readonly rows: RowCollector;
  readonly targets: readonly TargetKind[];
  /** A run of seconds that only shows that the scenario works. */
  readonly isSmoke: boolean;
  /** Of several things that it measures only those that have this in their name. */
  readonly only?: string;
  /** Says that from here on it is about this part, of which a profile has tables of its own. */
  readonly begin: (part: string) => void;
  /** Says what is going on. */
  readonly log: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** Not run unless it is named. */
  readonly isExtra?: boolean;
  /** @throws when a result is not what it should be: then there is nothing worth timing */
  run(options: ScenarioOptions): Promise<void>;
}
