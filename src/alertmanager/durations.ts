import { parseDuration } from '../model/duration.ts';
import { quoteGo } from '../model/go-quote.ts';

/** A duration as Prometheus writes it, in milliseconds, or the text that its library has for what is none. */
export function parsePrometheusDuration(text: string): number | string {
  if (text === '0') return 0;
  if (text === '') return 'empty duration string';
  const result = parseDuration(text);
  return result.ok ? result.ms : `not a valid duration string: ${quoteGo(text)}`;
}
