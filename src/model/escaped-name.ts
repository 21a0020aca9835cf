/**
 * A label's name as it stands in a path: behind `U__` every `__` is an underscore and `_2e_` the character of that code, so
 * that any name fits where only letters, digits and underscores do. What is no such escape is the name itself.
 */
export function unescapeName(name: string): string {
  if (!name.startsWith('U__')) return name;
  const escaped = name.slice(3);
  let text = '';
  let position = 0;
  for (const { 0: sequence, 1: code, index } of escaped.matchAll(/__|_([\da-fA-F]{1,6})_|_/g)) {
    text += escaped.slice(position, index);
    position = index + sequence.length;
    if (sequence === '__') {
      text += '_';
      continue;
    }
    const point = code === undefined ? -1 : Number.parseInt(code, 16);
    if (point < 0 || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return name;
    text += String.fromCodePoint(point);
  }
  return text + escaped.slice(position);
}
