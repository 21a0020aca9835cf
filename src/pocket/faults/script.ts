import { formatDuration, parseDuration } from '../../model/duration.ts';
import { PocketCortexError } from '../../model/errors.ts';

/** One line of a fault script: what becomes of the next `count` requests. */
export interface FaultStep {
  /** In one spelling, without how often. */
  readonly text: string;
  /** From 1; Infinity for what goes on for ever. */
  readonly count: number;
  /** How long the request waits first, by the server's clock. */
  readonly delayMs: number;
  /** Whether the server does what was asked, and only the answer is another. */
  readonly isHandled: boolean;
  readonly outcome: FaultOutcome;
}

export type FaultOutcome =
  | { readonly kind: 'ok' }
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      /** The body; undefined for one that says where it comes from. */
      readonly message: string | undefined;
    }
  /** No answer, and the connection stays open. */
  | { readonly kind: 'hang' }
  /** The connection is cut. */
  | { readonly kind: 'reset' };

const STEPS_LIMIT = 10_000;
const DELAY_LIMIT_MS = 24 * 3_600_000;

/**
 * Reads a fault script: steps with commas or line ends between them, each used up by one request, or by several.
 *
 *     step     = ["stored"] ["delay" duration] [outcome] ["x" number | "forever"]
 *     outcome  = "ok" | "hang" | "reset" | status ["retry-after=" seconds] [quoted text]
 *
 * `stored 503` does what the request asks for and answers 503 all the same.
 * @example parseFaultScript('429 retry-after=1 x2, 500, 400 "out of order", delay 3s, hang, reset, ok')
 * @throws {PocketCortexError} `bad-data` that says what is wrong with which step
 */
export function parseFaultScript(text: string): readonly FaultStep[] {
  const steps: FaultStep[] = [];
  let words: string[] = [];
  const finishStep = (): void => {
    if (words.length === 0) return;
    if (steps.at(-1)?.count === Infinity) throw bad(steps.length + 1, words.join(' '), 'the step before it is forever');
    if (steps.length === STEPS_LIMIT) throw new PocketCortexError('bad-data', `more than ${STEPS_LIMIT} steps`);
    steps.push(readStep(words, steps.length + 1));
    words = [];
  };
  const token = /([,\n])|("(?:[^"\\\n]|\\.)*")|([^\s,"]+)|[^\S\n]+|(")/gy;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [, separator, quoted, word, openQuote] = match;
    if (openQuote !== undefined) throw bad(steps.length + 1, text.slice(match.index), 'the quotes are not closed');
    if (separator !== undefined) finishStep();
    else if (quoted !== undefined || word !== undefined) words.push((quoted ?? word)!);
  }
  finishStep();
  if (steps.length === 0) throw new PocketCortexError('bad-data', 'the fault script has no steps');
  return steps;
}

function readStep(words: readonly string[], number: number): FaultStep {
  const rest = [...words];
  const fail = (reason: string) => bad(number, words.join(' '), reason);
  const isHandled = rest[0] === 'stored';
  if (isHandled) rest.shift();
  const delayMs = rest[0] === 'delay' ? readDelay(rest.splice(0, 2)[1], fail) : 0;
  const count = readCount(rest, fail);
  const outcome = readOutcome(rest, fail);
  if (rest.length > 0) throw fail(`what is "${rest[0]}"?`);
  if (isHandled && outcome.kind === 'ok') throw fail('"stored" goes before a status, hang or reset');
  return { text: stepText(isHandled, delayMs, outcome), count, delayMs, isHandled, outcome };
}

type Fail = (reason: string) => PocketCortexError;

function readDelay(text: string | undefined, fail: Fail): number {
  const duration = parseDuration(text ?? '');
  if (!duration.ok) throw fail(duration.reason);
  if (duration.ms > DELAY_LIMIT_MS) throw fail('a delay is at most 24h');
  return duration.ms;
}

function readCount(rest: string[], fail: Fail): number {
  const last = rest.at(-1) ?? '';
  if (last === 'forever') {
    rest.pop();
    return Infinity;
  }
  if (!/^x\d+$/.test(last)) return 1;
  rest.pop();
  const count = Number(last.slice(1));
  if (count < 1 || count > 1e9) throw fail('how often is a number from 1 to 1000000000');
  return count;
}

function readOutcome(rest: string[], fail: Fail): FaultOutcome {
  const word = rest.shift();
  switch (word) {
    case undefined:
    case 'ok':
      return { kind: 'ok' };
    case 'hang':
    case 'reset':
      return { kind: word };
  }
  const status = Number(word);
  if (!/^\d{3}$/.test(word) || status < 200 || status > 599) {
    throw fail(`"${word}" is no status from 200 to 599, and none of ok, delay, hang, reset, stored`);
  }
  let retryAfterSeconds: number | undefined;
  let message: string | undefined;
  for (let next = rest[0]; next !== undefined; next = rest[0]) {
    if (next.startsWith('retry-after=')) {
      retryAfterSeconds = Number(next.slice('retry-after='.length));
      if (!/^retry-after=\d{1,6}$/.test(next)) throw fail('retry-after is a number of seconds');
    } else if (next.startsWith('"')) {
      message = unquote(next, fail);
    } else break;
    rest.shift();
  }
  return { kind: 'status', status, retryAfterSeconds, message };
}

function unquote(quoted: string, fail: Fail): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw fail(`${quoted} is no text in double quotes, as JSON has it`);
  }
}

function stepText(isHandled: boolean, delayMs: number, outcome: FaultOutcome): string {
  const words = [...(isHandled ? ['stored'] : []), ...(delayMs > 0 ? [`delay ${formatDuration(delayMs)}`] : [])];
  if (outcome.kind === 'status') {
    words.push(`${outcome.status}`);
    if (outcome.retryAfterSeconds !== undefined) words.push(`retry-after=${outcome.retryAfterSeconds}`);
    if (outcome.message !== undefined) words.push(JSON.stringify(outcome.message));
  } else if (outcome.kind !== 'ok' || words.length === 0) words.push(outcome.kind);
  return words.join(' ');
}

function bad(number: number, step: string, reason: string): PocketCortexError {
  return new PocketCortexError('bad-data', `step ${number} of the fault script (${step}): ${reason}`);
}
