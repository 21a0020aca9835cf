import { ColumnMaker } from '../model/column-maker.ts';
import { ABSENT, FLOAT, type StepColumn } from '../model/columns.ts';

/** What is shared is looked for among so many columns. */
const SHARED_LIMIT = 4096;

/**
 * The columns of an answer. Series that have one and the same number over the same run of steps share a column: there may be a
 * hundred thousand, each with one value (`count_values`), or all with a 1 at every step (`up`). Nobody changes an answer.
 */
export class AnswerColumns {
  readonly #maker: ColumnMaker;
  readonly #stepCount: number;
  /** By run: first step and step behind the last in one number. */
  readonly #shared = new Map<number, Map<number, StepColumn>>();
  #sharedCount = 0;
  #open: StepColumn;

  constructor(stepCount: number) {
    this.#maker = new ColumnMaker(stepCount);
    this.#stepCount = stepCount;
    this.#open = this.#maker.create();
  }

  /** Where the next series goes; what was not kept before is overwritten. */
  get open(): StepColumn {
    return this.#open;
  }

  /** The column of the series that was written last; undefined when it has no value. */
  keep(): StepColumn | undefined {
    const column = this.#open;
    const { values, present } = column;
    let first = 0;
    while (first < present.length && present[first] === ABSENT) first += 1;
    if (first === present.length) return undefined;
    const end = endOfRun(column, first);
    // The two zeros are one number to a map.
    if (end !== undefined && values[first] !== 0)
      return this.#share(values[first]!, first * (this.#stepCount + 1) + end);
    this.#open = this.#maker.create();
    return column;
  }

  #share(value: number, run: number): StepColumn {
    const known = this.#shared.get(run)?.get(value);
    if (known) return known;
    const column = this.#open;
    this.#open = this.#maker.create();
    if (this.#sharedCount === SHARED_LIMIT) return column;
    this.#sharedCount += 1;
    const ofRun = this.#shared.get(run) ?? new Map<number, StepColumn>();
    ofRun.set(value, column);
    this.#shared.set(run, ofRun);
    return column;
  }
}

/** Where the run of one number that begins at `first` ends; undefined when there is anything else in the column. */
function endOfRun({ values, present }: StepColumn, first: number): number | undefined {
  const value = values[first]!;
  let end = first;
  while (end < present.length && present[end] === FLOAT && values[end] === value) end += 1;
  for (let step = end; step < present.length; step++) if (present[step] !== ABSENT) return undefined;
  return end === first ? undefined : end;
}
