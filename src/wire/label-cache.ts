import { ByteIndex } from '../model/byte-index.ts';
import { Label } from '../model/label.ts';
import type { SeriesNames } from '../model/write-batch.ts';
import { decodeLabels } from './remote-write-labels.ts';

/** Some megabytes with their texts. New series of a fleet come a few thousand at a time and share most of their labels. */
const LABEL_LIMIT = 1 << 16;
/** Never reached: labels are too few. */
const UNLIMITED_BYTES = 2 ** 40;
/** Longer ones are mostly unique, and their length takes more than a byte. */
const LONGEST_BYTES = 0x7f;

const LABEL_FIELD = 0x0a;
const FIELDS_SPACE = 1;
const SYMBOLS_SPACE = 2;
/** Two numbers of texts. */
const SYMBOLS_BYTES = 8;

/**
 * Labels that were read lately, found by the bytes that named them. Nearly all labels of a new series are those of others, and
 * finding one takes less than decoding its texts, let alone looking at them. When there are too many it begins anew.
 */
export class LabelCache {
  #numbers = new ByteIndex(UNLIMITED_BYTES);
  /** By number; none has 0. */
  #labels: (Label | undefined)[] = [undefined];
  /** All labels of a name share its text. */
  readonly #names = new Map<string, string>();

  /** Appends the labels of a series to `into`, in the order in which they came, whatever they are. `view` is that of the names' bytes. */
  read(names: SeriesNames, view: DataView, seriesIndex: number, into: Label[]): void {
    const first = into.length;
    const areRead =
      names.form === 'fields'
        ? this.#readFields(names, view, seriesIndex, into)
        : this.#readSymbols(names, view, seriesIndex, into);
    if (areRead) return;
    into.length = first;
    const texts = names.labelsOf(seriesIndex);
    for (let i = 0; i < texts.length; i += 2) into.push(new Label(texts[i]!, texts[i + 1]!));
  }

  /** False when there is something else than short labels. */
  #readFields({ bytes, starts, ends }: SeriesNames, view: DataView, seriesIndex: number, into: Label[]): boolean {
    const end = ends[seriesIndex]!;
    for (let position = starts[seriesIndex]!; position < end; ) {
      const length = bytes[position + 1]!;
      const labelEnd = position + 2 + length;
      if (bytes[position] !== LABEL_FIELD || length > LONGEST_BYTES || labelEnd > end) return false;
      let label = this.#labels[this.#numbers.find(FIELDS_SPACE, view, position, labelEnd)];
      if (label === undefined) {
        const [name, value] = decodeLabels(bytes, position, labelEnd);
        label = this.#create(name!, value!);
        const number = this.#number(label);
        this.#numbers.set(FIELDS_SPACE, view, position, labelEnd, number);
      }
      into.push(label);
      position = labelEnd;
    }
    return true;
  }

  /** False when there is a text without a number. */
  #readSymbols({ starts, ends, labelsOf }: SeriesNames, view: DataView, seriesIndex: number, into: Label[]): boolean {
    const start = starts[seriesIndex]!;
    let texts: string[] | undefined;
    for (let position = start; position < ends[seriesIndex]!; position += SYMBOLS_BYTES) {
      if (view.getInt32(position) === 0 || view.getInt32(position + 4) === 0) return false;
      const labelEnd = position + SYMBOLS_BYTES;
      let label = this.#labels[this.#numbers.find(SYMBOLS_SPACE, view, position, labelEnd)];
      if (label === undefined) {
        texts ??= labelsOf(seriesIndex);
        const at = (position - start) / 4;
        label = this.#create(texts[at]!, texts[at + 1]!);
        const number = this.#number(label);
        this.#numbers.set(SYMBOLS_SPACE, view, position, labelEnd, number);
      }
      into.push(label);
    }
    return true;
  }

  #create(name: string, value: string): Label {
    let sharedName = this.#names.get(name);
    if (sharedName === undefined) {
      sharedName = name;
      this.#names.set(name, name);
    }
    return new Label(sharedName, value);
  }

  /** A number for a label that has none. */
  #number(label: Label): number {
    if (this.#labels.length >= LABEL_LIMIT) {
      this.#numbers = new ByteIndex(UNLIMITED_BYTES);
      this.#labels = [undefined];
      this.#names.clear();
    }
    return this.#labels.push(label) - 1;
  }
}
