/** One line of the report: a figure for each target that was measured. */
export interface Row {
  readonly scenario: string;
  readonly name: string;
  readonly unit: string;
  /** Whether a larger figure is the better one. */
  readonly isMoreBetter: boolean;
  /** What lines with the same have in common. */
  readonly family?: string;
  readonly stepCount?: number;
  readonly figures: Readonly<Record<string, Figure>>;
  /** What one has to know about a target's figure, or why it has none. */
  readonly notes?: Readonly<Record<string, string>>;
}

export interface Figure {
  readonly value: number;
  /** From the fastest to the slow end, in the row's unit; absent for a single measurement. */
  readonly spread?: readonly [low: number, high: number];
  /** Processor time of one run, all threads, where it was taken too. */
  readonly processorMs?: number;
}

/** What a row says of itself. */
export type RowHead = Pick<Row, 'name' | 'unit' | 'family' | 'stepCount'> & { readonly isMoreBetter?: boolean };

/** The figures of several targets, one row for each name that they were collected under. */
export class RowCollector {
  readonly #scenario: string;
  readonly #rows = new Map<string, { -readonly [Key in keyof Row]: Row[Key] }>();

  constructor(scenario: string) {
    this.#scenario = scenario;
  }

  add(target: string, head: RowHead, value: number | undefined, spread?: readonly [number, number]): void {
    if (value === undefined || Number.isNaN(value)) return;
    const row = this.#row(head);
    row.figures = { ...row.figures, [target]: { value, ...(spread && { spread }) } };
  }

  /** Adds the processor time to a figure that is there. */
  addProcessor(target: string, head: RowHead, processorMs: number): void {
    const row = this.#row(head);
    const figure = row.figures[target];
    if (figure && !Number.isNaN(processorMs)) row.figures = { ...row.figures, [target]: { ...figure, processorMs } };
  }

  note(target: string, head: RowHead, text: string): void {
    const row = this.#row(head);
    row.notes = { ...row.notes, [target]: text };
  }

  rows(): Row[] {
    return [...this.#rows.values()];
  }

  #row(head: RowHead) {
    const { name, isMoreBetter = false, ...rest } = head;
    const known = this.#rows.get(name) ?? { scenario: this.#scenario, name, isMoreBetter, ...rest, figures: {} };
    this.#rows.set(name, known);
    return known;
  }
}

/** How many times better the first target's figure is than that of `peer`; below 1 it is worse. */
export function ratioTo(row: Row, self: string, peer: string): number | undefined {
  const ours = row.figures[self]?.value;
  const theirs = row.figures[peer]?.value;
  if (!ours || !theirs) return undefined;
  return row.isMoreBetter ? ours / theirs : theirs / ours;
}
