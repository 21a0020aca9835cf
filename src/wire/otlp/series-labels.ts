import { Labels } from '../../model/labels.ts';
import { attributeText } from './attribute-text.ts';
import type { AnyValue, Attributes } from './metrics.ts';
import { labelName } from './names.ts';
import { TranslationError } from './translation-error.ts';

const SERVICE_NAME = 'service.name';
const SERVICE_NAMESPACE = 'service.namespace';
const SERVICE_INSTANCE = 'service.instance.id';
/** They become `job` and `instance`, so `target_info` has no labels of their names. */
export const identifyingAttributes: readonly string[] = [SERVICE_NAMESPACE, SERVICE_NAME, SERVICE_INSTANCE];

export interface LabelSources {
  readonly resource: Attributes;
  readonly attributes: Attributes;
  /** Names of resource attributes that become labels of every series. */
  readonly promoted: ReadonlySet<string>;
  /** Type and unit as labels, '' for none. */
  readonly type?: string;
  readonly unit?: string;
}

/**
 * The labels of a point but for its name, by name: its attributes, those of its resource that are promoted, type and unit,
 * and what says where it comes from. Attributes whose names become the same are joined with `;`, in the order of their keys.
 * @throws {TranslationError} for a key that no name can be made of
 */
export function labelsOfPoint({ resource, attributes, promoted, type, unit }: LabelSources): Map<string, string> {
  const labels = new Map<string, string>();
  for (const [key, value] of sortedTexts(attributes)) {
    const name = nameOf(key);
    const existing = labels.get(name);
    setLabel(labels, name, existing ? `${existing};${value}` : value);
  }
  for (const { key, value } of resource) {
    if (!promoted.has(key)) continue;
    const name = nameOf(key);
    if (!labels.has(name)) setLabel(labels, name, attributeText(value));
  }
  if (type) labels.set('__type__', type);
  if (unit) labels.set('__unit__', unit);
  const service = find(resource, SERVICE_NAME);
  const namespace = find(resource, SERVICE_NAMESPACE);
  if (service) {
    const name = attributeText(service);
    setLabel(labels, 'job', namespace ? `${attributeText(namespace)}/${name}` : name);
  }
  const instance = find(resource, SERVICE_INSTANCE);
  if (instance) setLabel(labels, 'instance', attributeText(instance));
  return labels;
}

/** `labels` as those of the series `name`, with one more label perhaps. */
export function seriesOf(labels: ReadonlyMap<string, string>, name: string, more?: readonly [string, string]): Labels {
  return Labels.of([...labels, ...(more ? [more] : []), ['__name__', name]]);
}

/** The first of those with this key. */
function find(attributes: Attributes, key: string): AnyValue | undefined {
  return attributes.find((attribute) => attribute.key === key)?.value;
}

function sortedTexts(attributes: Attributes): [key: string, text: string][] {
  const texts = attributes.map(({ key, value }): [string, string] => [key, attributeText(value)]);
  return texts.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}

/** An empty label is none. */
function setLabel(labels: Map<string, string>, name: string, value: string): void {
  if (value === '') labels.delete(name);
  else labels.set(name, value);
}

function nameOf(key: string): string {
  const result = labelName(key);
  if (!result.ok) throw new TranslationError(result.message);
  return result.name;
}
