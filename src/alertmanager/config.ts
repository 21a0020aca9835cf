import { configProblem } from './config-meaning.ts';
import { configShape } from './config-shape.ts';
import { parsePrometheusDuration } from './durations.ts';
import { forbiddenFile } from './forbidden-files.ts';
import { type Fields, readGoYaml } from './go-yaml-reader.ts';
import type { LabelMap } from './matchers.ts';
import { buildRoute, type Route } from './route.ts';
import { listAt, structAt, textAt } from './shapes.ts';

/** What the API needs of an Alertmanager's configuration. */
export interface AlertmanagerConfig {
  /** As it was written. */
  readonly text: string;
  /** After that time an alert that said no end is taken for resolved. */
  readonly resolveTimeoutMs: number;
  readonly route: Route;
  readonly receivers: readonly Receiver[];
  /** The names of template files. */
  readonly templates: readonly string[];
}

export interface Receiver {
  readonly name: string;
  /** `name` among them. */
  readonly labels: LabelMap;
}

export type LoadedConfig =
  | {
      readonly ok: true;
      readonly config: AlertmanagerConfig;
      /** Cortex's text for the first option that names a file, which a tenant may not. */
      readonly forbidden: string | undefined;
    }
  /** The Alertmanager's text. */
  | { readonly ok: false; readonly message: string };

const shape = configShape(configProblem);
const DEFAULT_RESOLVE_TIMEOUT_MS = 5 * 60_000;

/** Reads and checks an Alertmanager's configuration, as the Alertmanager does. */
export function loadConfig(text: string): LoadedConfig {
  const reading = readGoYaml(text, shape, { isStrict: true });
  if (!reading.ok) return reading;
  const fields = reading.value as Fields | undefined;
  // Nothing but white space: there was nothing to check.
  if (fields === undefined) return { ok: false, message: 'no route provided in config' };
  const route = structAt(fields, 'route')!;
  if (route['continue'] === true) return { ok: false, message: 'cannot have continue in root route' };
  const timeout = parsePrometheusDuration(textAt(structAt(fields, 'global') ?? {}, 'resolve_timeout'));
  const config: AlertmanagerConfig = {
    text,
    resolveTimeoutMs: typeof timeout === 'number' ? timeout : DEFAULT_RESOLVE_TIMEOUT_MS,
    route: buildRoute(route),
    receivers: listAt<Fields | undefined>(fields, 'receivers').map((receiver) => receiverOf(receiver ?? {})),
    templates: listAt<string | undefined>(fields, 'templates').map((name) => name ?? ''),
  };
  return { ok: true, config, forbidden: forbiddenFile(fields) };
}

function receiverOf(fields: Fields): Receiver {
  const name = textAt(fields, 'name');
  return { name, labels: { ...(structAt(fields, 'labels') as LabelMap | undefined), name } };
}
