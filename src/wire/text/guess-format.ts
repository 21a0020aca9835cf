import { decodeUtf8 } from '../../model/utf8.ts';
import type { TextFormat } from './text-reader.ts';

/** A line of a known form: more of a text need not be looked at. */
const HEAD_BYTES = 64 << 10;
const JSON_LINE = /^\s*\{\s*(?:"(?:metric|values|timestamps|metadata|histograms|exemplars)"\s*:|\})/;
/** The time behind a value: blanks, value, blanks, time. */
const TIMED = /[ \t]\S+[ \t]+([+-]?\d[\d.eE+-]*)[ \t]*(?:#.*)?$/;
/** A time above is none in seconds, but for people who live after the year 5138. */
const SECONDS_LIMIT = 1e11;

/**
 * The format of a text, by how it begins: JSON lines name their fields, OpenMetrics counts seconds and Prometheus's format
 * milliseconds. Without times there is no difference that matters, but for the `# EOF` that only OpenMetrics asks for.
 */
export function guessFormat(head: Uint8Array): TextFormat {
  const text = decodeUtf8(head, 0, Math.min(head.length, HEAD_BYTES));
  if (JSON_LINE.test(text)) return 'jsonl';
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const time = TIMED.exec(line.length > 4096 ? line.slice(-4096) : line)?.[1];
    // The last line may be cut off, and its time with it.
    if (time === undefined) return 'prometheus';
    return Math.abs(Number(time)) < SECONDS_LIMIT ? 'openmetrics' : 'prometheus';
  }
  return 'prometheus';
}
