import { ABSENT, type StepColumn } from '../../model/columns.ts';
import type { Labels } from '../../model/labels.ts';
import { encodeUtf8 } from '../../model/utf8.ts';
import type { Work } from '../../model/work.ts';
import { xxHash64 } from '../../model/xxhash.ts';
import { formatG } from '../functions/annotate.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { executionError } from './query-context.ts';

/**
 * `limit_ratio(r, x)`: about the share `r` of the series, chosen by a hash of their labels; `-r` chooses just those that
 * `1 - r` leaves out. The hash is the one that Cortex takes, so the same series are chosen as there. (Prometheus itself
 * has other choices: its hash depends on how it was built.)
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
    const offsets: number[] = [];
    for (const own of labels) {
      offsets.push(Number(xxHash64(hashedBytes(own))) / 2 ** 64);
      yield;
    }
    this.#offsets = offsets;
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

/** Names and values, each with a byte behind it that no text has. */
function hashedBytes(labels: Labels): Uint8Array {
  const parts: Uint8Array[] = [];
  for (const [name, value] of labels) parts.push(encodeUtf8(name), SEPARATOR, encodeUtf8(value), SEPARATOR);
  return Buffer.concat(parts);
}

const SEPARATOR = Uint8Array.of(0xff);
