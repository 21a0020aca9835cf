import { ABSENT, type StepColumn } from '../../model/columns.ts';
import { formatFloatCompact } from '../../model/go-float.ts';
import type { Labels } from '../../model/labels.ts';
import { encodeUtf8 } from '../../model/utf8.ts';
import type { Work } from '../../model/work.ts';
import { xxHash64 } from '../kernels/xxhash64.ts';
import { LabelMemo } from './label-memo.ts';
import { forEachSeries } from './label-work.ts';
import type { ScalarOperator, VectorOperator } from './operator.ts';
import { executionError } from './query-context.ts';

/**
 * `limit_ratio(r, x)`: about the share `r` of the series, chosen by a hash of their labels; `-r` chooses just those that
 * `1 - r` leaves out.
 */
export class LimitRatioOperator implements VectorOperator {
  readonly #child: VectorOperator;
  readonly #parameter: ScalarOperator;
  readonly #ratios: Float64Array;
  readonly #warn: (text: string) => void;
  #offsets: Float64Array = new Float64Array(0);
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
    this.#offsets = yield* known.of(labels, '', () => offsetsOf(labels));
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
    if (most > 1) this.#warn(`${rule}, got ${formatFloatCompact(most)}, capping to 1`);
    if (least < -1) this.#warn(`${rule}, got ${formatFloatCompact(least)}, capping to -1`);
  }

  close(): void {
    this.#child.close();
    this.#parameter.close();
  }
}

const known = new LabelMemo<Float64Array>();

function* offsetsOf(series: readonly Labels[]): Work<Float64Array> {
  const offsets = new Float64Array(series.length);
  yield* forEachSeries(series, (labels, index) => {
    offsets[index] = offsetOf(labels);
  });
  return offsets;
}

/**
 * A number in [0, 1] that labels always get. The bytes that are hashed are those of Cortex, which is built with labels in
 * slices; a Prometheus as it is released hashes others, and so chooses other series.
 */
function offsetOf(labels: Labels): number {
  const parts: Uint8Array[] = [];
  for (const [name, value] of labels) parts.push(encodeUtf8(name), SEPARATOR, encodeUtf8(value), SEPARATOR);
  return xxHash64(Buffer.concat(parts)) / 2 ** 64;
}

/** A byte that no UTF-8 has. */
const SEPARATOR = Uint8Array.of(0xff);
