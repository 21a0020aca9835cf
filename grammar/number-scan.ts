/** How far a number reaches from `start`, and whether it is one; scanning stops where it turned out not to be. */
export interface NumberScan {
  readonly end: number;
  readonly isNumber: boolean;
}

const DECIMAL = '0123456789';
const HEXADECIMAL = '0123456789abcdefABCDEF';

/**
 * Scans a number by Prometheus's rules: decimal, hexadecimal, octal, with underscores, a fraction or an exponent. What
 * it accepts may still be no number (`0x`): that shows when its value is taken.
 */
export function scanNumber(text: string, start: number): NumberScan {
  let at = start;
  let digits = DECIMAL;
  if (text[at] === '0') {
    at += 1;
    if (isOneOf(text[at], 'xX')) {
      at += text[at + 1] === '_' ? 2 : 1;
      digits = HEXADECIMAL;
    }
  }
  if (text[at] === '.') at += 1;
  if (isOneOf(text[at], digits)) at += 1;
  let hasDot = false;
  let hasExponent = false;
  for (; isOneOf(text[at], `${digits}._eE`); ) {
    const character = text[at]!;
    at += 1;
    if (character === '.') {
      if (hasDot) return { end: at, isNumber: false };
      hasDot = true;
      if (isOneOf(text[at], '_.')) return { end: at + 1, isNumber: false };
      // There are no hexadecimal fractions.
      if (digits === HEXADECIMAL) return { end: at, isNumber: false };
    } else if (character === 'e' || character === 'E') {
      if (hasExponent) return { end: at, isNumber: false };
      hasExponent = true;
      if (isOneOf(text[at], '+-')) at += 1;
      if (isOneOf(text[at], '._eE')) return { end: at + 1, isNumber: false };
      if (at >= text.length) return { end: at, isNumber: false };
    } else if (character === '_') {
      if (isOneOf(text[at], '._eE')) return { end: at + 1, isNumber: false };
      if (at >= text.length) return { end: at, isNumber: false };
    } else {
      while (isOneOf(text[at], digits)) at += 1;
    }
  }
  return { end: at, isNumber: at > start && !isWordCharacter(text[at]) };
}

/** Goes on from where `scanNumber` gave up: units and further amounts, `m`, `h30m`. */
export function scanDurationRest(text: string, start: number): NumberScan {
  let at = start;
  if (!isOneOf(text[at], 'smhdwy')) return { end: at, isNumber: false };
  at += 1;
  if (text[at] === 's') at += 1;
  while (isOneOf(text[at], DECIMAL)) {
    while (isOneOf(text[at], DECIMAL)) at += 1;
    // Years stand first, so none may follow.
    if (!isOneOf(text[at], 'smhdw')) return { end: at, isNumber: false };
    at += 1;
    if (text[at] === 's') at += 1;
  }
  return isWordCharacter(text[at]) ? { end: at + 1, isNumber: false } : { end: at, isNumber: true };
}

function isOneOf(character: string | undefined, characters: string): boolean {
  return character !== undefined && characters.includes(character);
}

function isWordCharacter(character: string | undefined): boolean {
  return character !== undefined && /[A-Za-z0-9_]/.test(character);
}
