import { ByteIndex } from '../model/byte-index.ts';

/** A request of 2,000 series has some thousand texts of some dozen bytes. */
const LIMIT_BYTES = 16 << 20;
const LAST_NUMBER = 2 ** 31 - 1;

/**
 * Given out for the process as a whole: who remembers something by numbers must not meet them again with another
 * meaning, whoever gave them.
 */
let lastNumber = 0;

/** Numbers for texts that come in request after request, so that lists of them can be compared without looking at the texts. */
export class SymbolNumbers {
  readonly #index = new ByteIndex(LIMIT_BYTES);

  /** The number of the text, above 0: always the same, until it was not asked for during a long time. 0 when there are none left. */
  of(view: DataView, start: number, end: number): number {
    const known = this.#index.find(0, view, start, end);
    if (known !== 0 || lastNumber === LAST_NUMBER) return known;
    lastNumber += 1;
    this.#index.set(0, view, start, end, lastNumber);
    return lastNumber;
  }
}
