import { parseDuration } from '../../model/duration.ts';
import { quoteGo } from '../../model/go-quote.ts';
import { compareText } from '../../model/labels.ts';
import { compileSearch } from '../../model/regex.ts';
import { expandTemplate, parseTemplate } from '../../model/regex-template.ts';
import { escapeQuery } from './escapes.ts';
import { assertTextFits, FunctionError } from './execution-error.ts';
import type { PrometheusName } from './function-names.ts';
import { type GoFunction, type ParameterType, QueryRequest } from './functions.ts';
import { stripDomain, stripPort } from './host-port.ts';
import {
  floatOf,
  humanize,
  humanize1024,
  humanizeDuration,
  humanizePercentage,
  humanizeTimestamp,
  nanosecondsOf,
} from './humanize.ts';
import { toLower, toTitle, toUpper } from './letter-case.ts';
import {
  anyValue,
  boolValue,
  floatValue,
  type GoValue,
  intValue,
  type PointerValue,
  pointerTo,
  type SliceValue,
  type StringValue,
  type StructValue,
  sortedMap,
  stringValue,
} from './values.ts';

/** What Prometheus adds to Go's functions. */
export const prometheusFunctions = {
  query: {
    parameters: ['string'],
    call: ([query]) => new QueryRequest(textOf(query)),
  },
  first: {
    parameters: ['template.queryResult'],
    call([result]) {
      const first = (result as SliceValue).items[0];
      if (first === undefined) throw new FunctionError('first() called on vector with no elements');
      return first;
    },
  },
  label: {
    parameters: ['string', '*template.sample'],
    call: ([name, sample]) => stringValue(labelOf(sample, textOf(name))),
  },
  value: {
    parameters: ['*template.sample'],
    call: ([sample]) => sampleOf(sample).fields.get('Value')!,
  },
  strvalue: {
    parameters: ['*template.sample'],
    call: ([sample]) => stringValue(labelOf(sample, '__value__')),
  },
  sortByLabel: {
    parameters: ['string', 'template.queryResult'],
    call([name, result]) {
      const { items, type, kind } = result as SliceValue;
      const labelName = textOf(name);
      const sorted = [...items].sort((a, b) => compareText(labelOf(a, labelName), labelOf(b, labelName)));
      return { kind, type, items: sorted };
    },
  },
  args: {
    parameters: ['interface {}'],
    isVariadic: true,
    call: (args) => ({
      kind: 'map',
      type: 'map[string]interface {}',
      entries: sortedMap(args.map((value, index) => [`arg${index}`, anyValue(value)])),
    }),
  },
  match: {
    parameters: ['string', 'string'],
    call: ([pattern, text]) => boolValue(compile(textOf(pattern)).test(textOf(text))),
  },
  reReplaceAll: {
    parameters: ['string', 'string', 'string'],
    call: ([pattern, replacement, text]) =>
      stringValue(replaceAll(textOf(pattern), { replacement: textOf(replacement), text: textOf(text) })),
  },
  safeHtml: {
    parameters: ['string'],
    call: ([text]) => ({ kind: 'string', type: 'template.HTML', value: textOf(text) }),
  },
  title: ofText(toTitle),
  toUpper: ofText(toUpper),
  toLower: ofText(toLower),
  stripPort: ofText(stripPort),
  stripDomain: ofText(stripDomain),
  urlQueryEscape: ofText(escapeQuery),
  graphLink: ofText((expr) => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=0`),
  tableLink: ofText((expr) => `/graph?g0.expr=${escapeQuery(expr)}&g0.tab=1`),
  humanize: ofNumber((value) => stringValue(humanize(value))),
  humanize1024: ofNumber((value) => stringValue(humanize1024(value))),
  humanizeDuration: ofNumber((value) => stringValue(humanizeDuration(value))),
  humanizePercentage: ofNumber((value) => stringValue(humanizePercentage(value))),
  humanizeTimestamp: ofNumber((value) => stringValue(humanizeTimestamp(value))),
  toTime: ofNumber((value) => {
    if (!Number.isFinite(value)) throw new FunctionError('value is NaN or Inf');
    return pointerTo({ kind: 'time', nanoseconds: nanosecondsOf(value) });
  }),
  toDuration: ofNumber((value) => pointerTo(intValue(durationOf(value), 'time.Duration'))),
  parseDuration: {
    parameters: ['string'],
    call([text]) {
      const isNegative = textOf(text).startsWith('-');
      const duration = parseDuration(textOf(text).slice(isNegative ? 1 : 0));
      if (!duration.ok) throw new FunctionError(duration.reason);
      return floatValue(((isNegative ? -1 : 1) * duration.ms) / 1000);
    },
  },
  now: {
    parameters: [],
    call: (_args, { timeMs }) => floatValue(timeMs / 1000),
  },
  externalURL: {
    parameters: [],
    call: (_args, { externalUrl }) => stringValue(externalUrl),
  },
  pathPrefix: {
    parameters: [],
    call: (_args, { externalUrl }) => stringValue(/^(?:[^:/?#]+:)?(?:\/\/[^/?#]*)?([^?#]*)/.exec(externalUrl)![1]!),
  },
} as const satisfies Record<PrometheusName, GoFunction>;

function ofText(change: (text: string) => string): GoFunction {
  const parameters: readonly ParameterType[] = ['string'];
  return { parameters, call: ([text]) => stringValue(change(textOf(text))) };
}

function ofNumber(result: (value: number) => GoValue): GoFunction {
  return { parameters: ['interface {}'], call: ([value]) => result(floatOf(value!)) };
}

function textOf(value: GoValue | undefined): string {
  return (value as StringValue).value;
}

function sampleOf(value: GoValue | undefined): StructValue {
  const { to } = value as PointerValue;
  if (to === undefined) throw new FunctionError('runtime error: invalid memory address or nil pointer dereference');
  return to as StructValue;
}

function labelOf(sample: GoValue | undefined, name: string): string {
  const labels = sampleOf(sample).fields.get('Labels') as Extract<GoValue, { kind: 'map' }>;
  return textOf(labels.entries.get(name) ?? stringValue(''));
}

const LARGEST_INT64 = 2n ** 63n - 1n;

/** Seconds in nanoseconds; what 64 bits do not hold becomes what processors make of it. */
function durationOf(seconds: number): bigint {
  const nanoseconds = Math.trunc(seconds * 1e9);
  if (!Number.isFinite(nanoseconds)) return -LARGEST_INT64 - 1n;
  const whole = BigInt(nanoseconds);
  return whole > LARGEST_INT64 || whole < -LARGEST_INT64 ? -LARGEST_INT64 - 1n : whole;
}

function compile(pattern: string): ReturnType<typeof compileSearch> {
  try {
    return compileSearch(pattern);
  } catch (error) {
    throw new FunctionError((error as Error).message);
  }
}

function replaceAll(pattern: string, { replacement, text }: { replacement: string; text: string }): string {
  let regex: ReturnType<typeof compileSearch>;
  try {
    regex = compile(pattern);
  } catch (error) {
    // Go panics here, and the panic says what was compiled.
    const quoted = /[`\p{Cc}\ufeff\udc80-\udcff]/u.test(pattern.replaceAll('\t', ''))
      ? quoteGo(pattern)
      : `\`${pattern}\``;
    throw new FunctionError(`regexp: Compile(${quoted}): ${(error as Error).message}`);
  }
  const template = parseTemplate(replacement);
  const groupsOfName = new Map(Object.entries(regex.namedGroups()).map(([name, group]) => [name, [group]]));
  const matcher = regex.matcher(text);
  let result = '';
  let end = 0;
  let lastMatchEnd = -1;
  while (matcher.find()) {
    const isEmptyBehindAnother = matcher.start() === matcher.end() && matcher.start() === lastMatchEnd;
    lastMatchEnd = matcher.end();
    if (isEmptyBehindAnother) continue;
    const captures = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '');
    result += text.slice(end, matcher.start()) + expandTemplate(template, captures, groupsOfName);
    end = matcher.end();
    assertTextFits(result.length);
  }
  return result + text.slice(end);
}
