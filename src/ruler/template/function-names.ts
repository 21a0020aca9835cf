/** Go's own functions. */
export const builtinNames = [
  'and',
  'call',
  'eq',
  'ge',
  'gt',
  'html',
  'index',
  'js',
  'le',
  'len',
  'lt',
  'ne',
  'not',
  'or',
  'print',
  'printf',
  'println',
  'slice',
  'urlquery',
] as const satisfies readonly string[];

/** Those that Prometheus adds. */
export const prometheusNames = [
  'args',
  'externalURL',
  'first',
  'graphLink',
  'humanize',
  'humanize1024',
  'humanizeDuration',
  'humanizePercentage',
  'humanizeTimestamp',
  'label',
  'match',
  'now',
  'parseDuration',
  'pathPrefix',
  'query',
  'reReplaceAll',
  'safeHtml',
  'sortByLabel',
  'stripDomain',
  'stripPort',
  'strvalue',
  'tableLink',
  'title',
  'toDuration',
  'toLower',
  'toTime',
  'toUpper',
  'urlQueryEscape',
  'value',
] as const satisfies readonly string[];

export type BuiltinName = (typeof builtinNames)[number];
export type PrometheusName = (typeof prometheusNames)[number];

const names: ReadonlySet<string> = new Set([...builtinNames, ...prometheusNames]);

/** Whether a template may call a function of this name. */
export function isFunctionName(name: string): name is BuiltinName | PrometheusName {
  return names.has(name);
}
