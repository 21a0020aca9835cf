import { isLegacyLabelName, isLegacyMetricName, Labels, METRIC_NAME } from './labels.ts';

const UNKNOWN = 0;
const PLAIN = 1;
const NOT_PLAIN = 2;

/**
 * A name and a value of new series. Most labels of one stand in many others too: then they are one object, so what was found
 * out of a label is found out once.
 */
export class Label {
  readonly name: string;
  readonly value: string;
  /** The index that has the label, and the number that it has there. Written by the index that looked for it last. */
  indexedBy: symbol | undefined = undefined;
  indexNumber = 0;
  #plainness = UNKNOWN;

  constructor(name: string, value: string) {
    this.name = name;
    this.value = value;
  }

  /** Whether its name is a name in every system, its value is not empty and, of `__name__`, a metric's name in every system. */
  get isPlain(): boolean {
    if (this.#plainness === UNKNOWN) this.#plainness = isPlain(this.name, this.value) ? PLAIN : NOT_PLAIN;
    return this.#plainness === PLAIN;
  }
}

function isPlain(name: string, value: string): boolean {
  if (value === '' || !isLegacyLabelName(name)) return false;
  return name !== METRIC_NAME || isLegacyMetricName(value);
}

/** `labels` as a list, sorted by name. */
export function listOfLabels(labels: Labels): Label[] {
  const list: Label[] = [];
  for (let i = 0; i < labels.size; i++) list.push(new Label(labels.nameAt(i), labels.valueAt(i)));
  return list;
}

/** The labels `[from, to)` of `list`, which are sorted by name and have no empty values. */
export function labelsOfList(list: readonly Label[], from: number, to: number): Labels {
  const flat: string[] = [];
  for (let i = from; i < to; i++) flat.push(list[i]!.name, list[i]!.value);
  return Labels.fromSorted(flat);
}
