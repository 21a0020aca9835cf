/** Letter by letter as Go does: what has no capital of its own stays. */
export function toUpper(text: string): string {
  return text.replace(/\P{ASCII}|[a-z]/gu, (character) => {
    const upper = character.toUpperCase();
    return [...upper].length === 1 ? upper : character;
  });
}

/** Letter by letter: a sigma at the end of a word is one like the others. */
export function toLower(text: string): string {
  return text.replace(/\P{ASCII}|[A-Z]/gu, (character) => [...character.toLowerCase()][0]!);
}

/** Every word with a capital in front; the other letters stay. */
export function toTitle(text: string): string {
  const words = new Intl.Segmenter('en-US', { granularity: 'word' }).segment(text);
  return Array.from(words, ({ segment }) =>
    segment.replace(/^\P{L}*\p{L}/u, (start) => {
      const letter = [...start].at(-1)!;
      const upper = letter.toUpperCase();
      const [first, ...others] = [...upper];
      return start.slice(0, -letter.length) + first + others.join('').toLowerCase();
    }),
  ).join('');
}
