import type { Row } from './report.ts';
import type { TargetKind } from './targets.ts';

export interface ScenarioOptions {
  readonly targets: readonly TargetKind[];
  /** A run of seconds that only shows that the scenario works. */
  readonly isSmoke: boolean;
  /** Says what is going on. */
  readonly log: (text: string) => void;
}

export interface Scenario {
  readonly name: string;
  readonly about: string;
  /** @throws when a result is not what it should be: then there is nothing worth timing */
  run(options: ScenarioOptions): Promise<Row[]>;
}

/** All seeds come from here, so that two runs measure the same work. */
export const SEED = 20_260_101;

/** The figures of several targets, one row for each name that they were collected under. */
export class RowCollector {
  readonly #scenario: string;
  readonly #rows = new Map<string, { -readonly [Key in keyof Row]: Row[Key] }>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  add(
    target: string,
    row: Pick<Row, 'name' | 'unit'> & { readonly isMoreBetter?: boolean },
    value: number | undefined,
    spread?: readonly [number, number],
  ): void {
    if (value === undefined) return;
    const { name, unit, isMoreBetter = false } = row;
    const known = this.#rows.get(name) ?? { scenario: this.#scenario, name, unit, isMoreBetter, figures: {} };
    known.figures = { ...known.figures, [target]: { value, ...(spread && { spread }) } };
    this.#rows.set(name, known);
  }

  rows(): Row[] {
    return [...this.#rows.values()];
  }
}
