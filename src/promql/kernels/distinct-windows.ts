/**
 * Where steps are closer together than samples, neighbouring windows hold the same samples, and what follows from the samples alone
 * is the same for them.
 *
 *     from, to     0 4 | 0 4 | 0 4 | 1 5 | 1 5         steps
 *     distinct     0 4             | 1 5
 *     firstStep    0               | 3         | 5     one more than windows
 *     ofStep       0   | 0   | 0   | 1   | 1
 */
export class DistinctWindows {
  count = 0;
  from = EMPTY;
  to = EMPTY;
  firstStep = EMPTY;
  ofStep = EMPTY;
  #from = EMPTY;
  #to = EMPTY;
  #firstStep = EMPTY;

  make({ from, to }: { readonly from: Int32Array; readonly to: Int32Array }): this {
    const stepCount = from.length;
    this.#reserve(stepCount);
    const ownFrom = this.#from;
    const ownTo = this.#to;
    const firstStep = this.#firstStep;
    const ofStep = this.ofStep;
    let count = 0;
    let lastFrom = -1;
    let lastTo = -1;
    for (let step = 0; step < stepCount; step++) {
      if (from[step] !== lastFrom || to[step] !== lastTo) {
        lastFrom = from[step]!;
        lastTo = to[step]!;
        ownFrom[count] = lastFrom;
        ownTo[count] = lastTo;
        firstStep[count] = step;
        count += 1;
      }
      ofStep[step] = count - 1;
    }
    firstStep[count] = stepCount;
    // Series mostly have as many as the one before.
    if (count !== this.count) {
      this.count = count;
      this.from = ownFrom.subarray(0, count);
      this.to = ownTo.subarray(0, count);
    }
    this.firstStep = firstStep;
    return this;
  }

  #reserve(stepCount: number): void {
    if (this.#from.length >= stepCount) return;
    this.#from = new Int32Array(stepCount);
    this.#to = new Int32Array(stepCount);
    this.#firstStep = new Int32Array(stepCount + 1);
    this.ofStep = new Int32Array(stepCount);
    this.count = 0;
  }
}

const EMPTY = new Int32Array(0);
