const strictDecoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Decodes the UTF-8 in `[start, end)` without losing anything: a byte that is no valid UTF-8 becomes the low surrogate
 * U+DC00 + byte, which no valid text contains, so that different byte strings stay different label values (Cortex
 * accepts such values).
 */
export function decodeUtf8(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8', start, end);
  // For the short texts that labels are this is several times as fast as a TextDecoder; only its replacement
  // character, which may also stand in the text itself, calls for a closer look.
  if (!text.includes('\ufffd')) return text;
  return decodeWithEscapes(bytes.subarray(start, end));
}

/** The inverse of `decodeUtf8`. */
export function encodeUtf8(text: string): Uint8Array {
  if (!/[\udc80-\udcff]/.test(text)) return Buffer.from(text, 'utf8');
  const parts: Uint8Array[] = [];
  for (const character of text) {
    const code = character.codePointAt(0)!;
    parts.push(code >= 0xdc80 && code <= 0xdcff ? Uint8Array.of(code - 0xdc00) : Buffer.from(character, 'utf8'));
  }
  return Buffer.concat(parts);
}

/** Whether `text` came from bytes that were valid UTF-8. */
export function isValidUtf8(text: string): boolean {
  return !/[\udc80-\udcff]/.test(text) || !hasLoneSurrogate(text);
}

/** `text` as a Go program prints it to JSON: each invalid byte as U+FFFD. */
export function replaceInvalidUtf8(text: string): string {
  return isValidUtf8(text) ? text : text.toWellFormed();
}

function hasLoneSurrogate(text: string): boolean {
  return !text.isWellFormed();
}

function decodeWithEscapes(bytes: Uint8Array): string {
  let text = '';
  let position = 0;
  while (position < bytes.length) {
    const length = validSequenceLength(bytes, position);
    if (length === 0) {
      text += String.fromCharCode(0xdc00 + bytes[position]!);
      position += 1;
    } else {
      text += strictDecoder.decode(bytes.subarray(position, position + length));
      position += length;
    }
  }
  return text;
}

/** The length of the valid UTF-8 sequence at `position`, 0 when there is none (Unicode 15, table 3-7). */
function validSequenceLength(bytes: Uint8Array, position: number): number {
  const first = bytes[position]!;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || position + length > bytes.length) return 0;
  const second = bytes[position + 1]!;
  const lowest = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const highest = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < lowest || second > highest) return 0;
  for (let i = 2; i < length; i++) if ((bytes[position + i]! & 0xc0) !== 0x80) return 0;
  return length;
}
