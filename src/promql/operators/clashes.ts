import type { VectorMatching } from '../../../grammar/ast.ts';
import type { Labels } from '../../model/labels.ts';

/**
 * Finds the results of a join that could clash: one-to-one all of a match group, else those of a group with the same labels. Most
 * stand alone and need no watching.
 */
export class Clashes {
  readonly #isOneToOne: boolean;
  /** By match group: its results, or with "many" on a side, those of every label set. */
  readonly #ofGroup = new Map<number, number[]>();
  readonly #ofLabels = new Map<string, number[]>();

  constructor(matching: VectorMatching) {
    this.#isOneToOne = matching.cardinality === 'one-to-one';
  }

  register(group: number, labels: Labels, result: number): void {
    if (this.#isOneToOne) put(this.#ofGroup, group, result);
    else put(this.#ofLabels, `${group} ${labels.key}`, result);
  }

  /** Results that could clash with each other. */
  found(): readonly (readonly number[])[] {
    const all = [...this.#ofGroup.values(), ...this.#ofLabels.values()];
    return all.filter((results) => results.length > 1);
  }
}

function put<Key>(map: Map<Key, number[]>, key: Key, result: number): void {
  const known = map.get(key);
  if (known) known.push(result);
  else map.set(key, [result]);
}
