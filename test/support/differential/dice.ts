import { createRandom } from '../../../bench/data/random.ts';

/** Choices that follow from a seed. */
export interface Dice {
  /** In [0, 1). */
  fraction(): number;
  /** An integer in [0, `count`). */
  below(count: number): number;
  /** True in `probability` of all cases. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** Between none and all of `items`, in their order, each with a probability of a half. */
  some<Item>(items: readonly Item[]): Item[];
}

export function createDice(seed: number): Dice {
  const fraction = createRandom(seed);
  const below = (count: number) => Math.floor(fraction() * count);
  return {
    fraction,
    below,
    chance: (probability) => fraction() < probability,
    pick: (items) => items[below(items.length)]!,
    some: (items) => items.filter(() => fraction() < 0.5),
  };
}
