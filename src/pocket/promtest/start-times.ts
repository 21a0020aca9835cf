import { parseDuration } from '../../model/duration.ts';
import { PocketCortexError } from '../../model/errors.ts';

const ITEM = /^(?:_(?:x(\d+))?|([+-]?)(\d+[a-z]*?)(?:([+-])(\d+[a-z]*?))?(?:x(\d+))?)$/;

/**
 * Reads the points of an `@st` line: how far before (or behind) its sample each counter began, in milliseconds; undefined
 * where nothing is said.
 *
 *     _ _x2 -30s-1mx2     ->  undefined ×3, -30000, -90000, -150000
 *
 * @throws {PocketCortexError} `bad-data`
 */
export function parseStartTimes(text: string): (number | undefined)[] {
  const offsetsMs: (number | undefined)[] = [];
  for (const item of text.trim().split(/\s+/)) {
    const parts = ITEM.exec(item);
    if (!parts) throw new PocketCortexError('bad-data', `invalid start timestamp "${item}"`);
    const [, absentTimes, sign, base, stepSign, step, times] = parts;
    if (base === undefined) {
      for (let i = 0; i < Number(absentTimes ?? 1); i++) offsetsMs.push(undefined);
      continue;
    }
    const offsetMs = durationMs(sign, base);
    const stepMs = step === undefined ? 0 : durationMs(stepSign, step);
    for (let i = 0; i <= Number(times ?? 0); i++) offsetsMs.push(offsetMs + i * stepMs);
  }
  return offsetsMs;
}

function durationMs(sign: string | undefined, text: string): number {
  const parsed = parseDuration(text);
  if (!parsed.ok) throw new PocketCortexError('bad-data', `invalid duration "${text}": ${parsed.reason}`);
  return sign === '-' ? -parsed.ms : parsed.ms;
}
