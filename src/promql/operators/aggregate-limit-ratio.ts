import { ABSENT, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import type { Work } from '../../model/work.ts';
import { formatG } from '../functions/annotate.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { executionError } from './query-context.ts';

/**
 * `limit_ratio(r, x)`: about the share `r` of the series, chosen by a hash of their labels; `-r` chooses just those that
 * `1 - r` leaves out. The hash is our own, so which series are chosen differs from other servers.
 */
export class LimitRatioOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #parameter: ScalarOperator;
  readonly #ratios: Float64Array;
  readonly #warn: (text: string) => void;
  #offsets: readonly number[] = [];
  #nextSeries = 0;

  constructor(
    child: VectorOperator,
    parameter: ScalarOperator,
    options: { stepCount: number; warn: (text: string) => void },
  ) {
    this.#child = child;
    this.#parameter = parameter;
    this.#ratios = new Float64Array(options.stepCount);
    this.#warn = options.warn;
  }

  *prepare(): Work<readonly Labels[]> {
    yield* this.#parameter.evaluate(this.#ratios);
    const labels = yield* this.#child.prepare();
    this.#checkRatios();
    this.#offsets = labels.map(({ key }) => hashToUnit(key));
    return labels;
  }

  next(out: StepColumn): void {
    this.#child.next(out);
    const offset = this.#offsets[this.#nextSeries++]!;
    const ratios = this.#ratios;
    for (let step = 0; step < ratios.length; step++) {
      const ratio = ratios[step]!;
      const isChosen = ratio >= 0 ? offset < ratio : offset >= 1 + ratio;
      if (!isChosen) out.present[step] = ABSENT;
    }
  }

  #checkRatios(): void {
    let least = 0;
    let most = 0;
    for (const ratio of this.#ratios) {
      if (Number.isNaN(ratio)) throw executionError('Ratio value is NaN');
      least = Math.min(least, ratio);
      most = Math.max(most, ratio);
    }
    const rule = 'ratio value should be between -1 and 1';
    if (most > 1) this.#warn(`${rule}, got ${formatG(most)}, capping to 1`);
    if (least < -1) this.#warn(`${rule}, got ${formatG(least)}, capping to -1`);
  }

  close(): void {
    this.#child.close();
    this.#parameter.close();
  }
}

/** A number in [0, 1) that a text always gets: FNV-1a over its characters, then bits mixed until they look random. */
function hashToUnit(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
