import { parseSeriesNotation, type SeriesNotation } from '../../../grammar/series-notation.ts';
import { parseDuration } from '../../model/duration.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { parseGoFloat } from '../../model/go-float.ts';
import { compileRegex } from '../../model/regex.ts';
import { parseStartTimes } from './start-times.ts';

/** A command of Prometheus's test scripts. Lines count from 1. */
export type ScriptCommand = LoadCommand | ClearCommand | EvalCommand;

export interface LoadCommand {
  readonly kind: 'load';
  readonly line: number;
  readonly stepMs: number;
  /** `load_with_nhcb`: classic histograms are loaded as native ones with custom buckets too. */
  readonly addsCustomBuckets: boolean;
  readonly series: readonly LoadedSeries[];
}

export interface LoadedSeries extends SeriesNotation {
  /** Of the `@st` line before it: how far from each point its counter began. */
  readonly startOffsetsMs: readonly (number | undefined)[] | undefined;
}

export interface ClearCommand {
  readonly kind: 'clear';
  readonly line: number;
}

export interface EvalCommand {
  readonly kind: 'eval';
  readonly line: number;
  readonly query: string;
  readonly times: EvalTimes;
  readonly expectations: readonly Expectation[];
  /** The series lines, in their order. */
  readonly series: readonly SeriesNotation[];
  /** The one number of a scalar result. */
  readonly scalar: number | undefined;
  /** `expect string`. */
  readonly text: string | undefined;
  /** `expect range vector`: the times of the points in the series lines. */
  readonly rangeVector: StepTimes | undefined;
}

export type EvalTimes =
  | { readonly kind: 'instant'; readonly timeMs: number }
  | ({ readonly kind: 'range' } & StepTimes);

export interface StepTimes {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface Expectation {
  readonly kind: 'fail' | 'warn' | 'info' | 'no_warn' | 'no_info' | 'ordered';
  /** What the text must be like; undefined for any text. */
  readonly text?:
    | { readonly kind: 'msg'; readonly message: string }
    | { readonly kind: 'regex'; readonly pattern: string; readonly matches: (text: string) => boolean };
  /** From an old form (`eval_warn`): says that there must be some, not that the others are named too. */
  readonly isLoose?: boolean;
}

/**
 * Reads a script.
 * @throws {ScriptError}
 */
export function parseScript(text: string): ScriptCommand[] {
  const lines = text.split('\n').map((line) => {
    const trimmed = line.trim();
    return trimmed.startsWith('#') ? '' : trimmed;
  });
  const commands: ScriptCommand[] = [];
  for (let index = 0; index < lines.length; index++) {
    const head = lines[index]!;
    if (head === '') continue;
    const line = index + 1;
    const body: { line: number; text: string }[] = [];
    const word = head.split(/\s/, 1)[0]!.toLowerCase();
    if (word !== 'clear') {
      while (index + 1 < lines.length && lines[index + 1] !== '') {
        index += 1;
        body.push({ line: index + 1, text: lines[index]! });
      }
    }
    if (word === 'clear') commands.push({ kind: 'clear', line });
    else if (word.startsWith('load')) commands.push(parseLoad(head, line, body));
    else if (word.startsWith('eval')) commands.push(parseEval(head, line, body));
    else throw scriptError(line, `invalid command "${head}"`);
  }
  return commands;
}

type Body = readonly { readonly line: number; readonly text: string }[];

function parseLoad(head: string, line: number, body: Body): LoadCommand {
  const parts = /^load(_with_nhcb)?\s+(\S+)$/.exec(head);
  if (!parts) throw scriptError(line, 'invalid load command. (load[_with_nhcb] <step:duration>)');
  const series: LoadedSeries[] = [];
  let startOffsetsMs: (number | undefined)[] | undefined;
  for (const entry of body) {
    const starts = /^\S+@st\s+(.*)$/.exec(entry.text);
    if (starts) {
      startOffsetsMs = atLine(entry.line, () => parseStartTimes(starts[1]!));
      continue;
    }
    series.push({ ...parseSeries(entry), startOffsetsMs });
    startOffsetsMs = undefined;
  }
  return { kind: 'load', line, stepMs: duration(parts[2]!, line), addsCustomBuckets: parts[1] !== undefined, series };
}

const OLD_FORMS = {
  _fail: { kind: 'fail' },
  _warn: { kind: 'warn', isLoose: true },
  _info: { kind: 'info', isLoose: true },
  _ordered: { kind: 'ordered' },
} as const satisfies Record<string, Expectation>;

function parseEval(head: string, line: number, body: Body): EvalCommand {
  const { form, times, query } = parseEvalHead(head, line);
  const expectations: Expectation[] = form === undefined ? [] : [OLD_FORMS[form as keyof typeof OLD_FORMS]];
  const series: SeriesNotation[] = [];
  let scalar: number | undefined;
  let text: string | undefined;
  let rangeVector: StepTimes | undefined;
  for (const entry of body) {
    const oldText = /^expected_fail_(message|regexp)\s+(.*)$/.exec(entry.text);
    const number = parseNumber(entry.text);
    if (oldText) {
      expectations.splice(0, 1, { kind: 'fail', text: expectedText(oldText[1]!, oldText[2]!, entry.line) });
    } else if (entry.text.startsWith('expect range vector')) {
      rangeVector = parseRangeVector(entry.text, entry.line);
    } else if (entry.text.startsWith('expect string')) {
      text = unquote(entry.text.slice('expect string'.length).trim(), entry.line);
    } else if (/^expect(\s|$)/.test(entry.text)) {
      expectations.push(parseExpectation(entry.text, entry.line));
    } else if (number !== undefined) {
      scalar = number;
    } else {
      series.push(parseSeries(entry));
    }
  }
  return { kind: 'eval', line, query, times, expectations, series, scalar, text, rangeVector };
}

function parseEvalHead(head: string, line: number): { form: string | undefined; times: EvalTimes; query: string } {
  const instant = /^eval(_fail|_warn|_info|_ordered)?\s+instant\s+(?:at\s+(\S+)\s+)?(.+)$/.exec(head);
  if (instant) {
    return {
      form: instant[1],
      times: { kind: 'instant', timeMs: duration(instant[2] ?? '0', line) },
      query: instant[3]!,
    };
  }
  const range = /^eval(_fail|_warn|_info)?\s+range\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)\s+(.+)$/.exec(head);
  if (!range) throw scriptError(line, 'invalid evaluation command');
  const [, form, from, to, step, query] = range as unknown as [
    string,
    string | undefined,
    string,
    string,
    string,
    string,
  ];
  return { form, times: { kind: 'range', ...stepTimes(from, to, step, line) }, query };
}

function parseRangeVector(text: string, line: number): StepTimes {
  const parts = /^expect range vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+)$/.exec(text);
  if (!parts) throw scriptError(line, `invalid range vector definition "${text}"`);
  return stepTimes(parts[1]!, parts[2]!, parts[3]!, line);
}

function stepTimes(from: string, to: string, step: string, line: number): StepTimes {
  const times = { startMs: duration(from, line), endMs: duration(to, line), stepMs: duration(step, line) };
  if (times.endMs < times.startMs) throw scriptError(line, `the end (${to}) is before the start (${from})`);
  return times;
}

function parseExpectation(text: string, line: number): Expectation {
  const parts = /^expect\s+(ordered|fail|warn|no_warn|info|no_info)(?:\s+(regex|msg):(.+))?$/.exec(text);
  if (!parts)
    throw scriptError(line, 'invalid expect statement, must match `expect <type> <match_type>: <string>` format');
  const kind = parts[1] as Expectation['kind'];
  return parts[2] === undefined ? { kind } : { kind, text: expectedText(parts[2], parts[3]!, line) };
}

function expectedText(kind: string, given: string, line: number): NonNullable<Expectation['text']> {
  const pattern = given.trim();
  if (kind === 'msg' || kind === 'message') return { kind: 'msg', message: pattern };
  try {
    // Regular expressions match anywhere in the text.
    return { kind: 'regex', pattern, matches: compileRegex(`.*(?:${pattern}).*`).matches };
  } catch (error) {
    throw scriptError(line, `invalid regex ${pattern}`, error);
  }
}

function parseSeries({ line, text }: Body[number]): SeriesNotation {
  return atLine(line, () => parseSeriesNotation(text));
}

function atLine<T>(line: number, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw scriptError(line, error instanceof Error ? error.message : String(error), error);
  }
}

function parseNumber(text: string): number | undefined {
  if (/^[+-]?0x[0-9a-f]+$/i.test(text))
    return text.startsWith('-') ? -Number(text.slice(1)) : Number(text.replace('+', ''));
  return parseGoFloat(text);
}

function unquote(text: string, line: number): string {
  if (/^`[^`]*`$/.test(text)) return text.slice(1, -1);
  if (/^"(?:[^"\\]|\\.)*"$/.test(text)) {
    try {
      return JSON.parse(text) as string;
    } catch (error) {
      throw scriptError(line, `expected string literal not valid: ${text}`, error);
    }
  }
  throw scriptError(line, 'expected string literal not valid - check that the string is correctly quoted');
}

function duration(text: string, line: number): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw scriptError(line, `invalid duration "${text}": ${parsed.reason}`);
  return parsed.ms;
}

/** A text that is no script, and where. */
export class ScriptError extends PocketCortexError {
  readonly line: number;
  readonly reason: string;

  constructor(line: number, reason: string, cause?: unknown) {
    super('bad-data', `line ${line}: ${reason}`, { cause });
    this.line = line;
    this.reason = reason;
  }
}

function scriptError(line: number, reason: string, cause?: unknown): ScriptError {
  return new ScriptError(line, reason, cause);
}
