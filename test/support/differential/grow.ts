import type { Dice } from './dice.ts';
import type { Term } from './term.ts';

/** Makes terms by chance. What a family of productions asks for grows one level less deep than itself. */
export interface Grow {
  readonly dice: Dice;
  vector(): Term;
  scalar(): Term;
  matrix(): Term;
  /** A vector that is no more than a selector with its modifiers. */
  selector(): Term;
}

/** One way to write a term of the type of its family. */
export type Production = (grow: Grow) => Term;
