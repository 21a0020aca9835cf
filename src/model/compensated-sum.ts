/**
 * Kahan's summation in Neumaier's variant: a number together with what its roundings lost. Once the number is infinite,
 * nothing is lost.
 */
export class CompensatedNumber {
  #value: number;
  #lost = 0;

  constructor(value: number) {
    this.#value = value;
  }

  add(addend: number): void {
    const next = this.#value + addend;
    this.#lost = lostBy(this.#value, addend, next, this.#lost);
    this.#value = next;
  }

  /** Times `factor`, by `divisor`. */
  scale(factor: number, divisor = 1): void {
    this.#value = (this.#value * factor) / divisor;
    this.#lost = (this.#lost * factor) / divisor;
  }

  /** Without what was lost. */
  get value(): number {
    return this.#value;
  }

  get total(): number {
    return this.#value + this.#lost;
  }
}

/** What is lost in all when `value + addend` came out as `next`, and `lost` before. */
export function lostBy(value: number, addend: number, next: number, lost: number): number {
  if (next === Infinity || next === -Infinity) return 0;
  return Math.abs(value) >= Math.abs(addend) ? lost + (value - next + addend) : lost + (addend - next + value);
}
