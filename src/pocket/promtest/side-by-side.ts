/**
 * Two texts beside each other, `columns` wide at most, lines of one series in one row; what stands between the two tells,
 * as `diff -y` does: nothing for a row that is the same, `|` for one that differs, `<` and `>` for one that only one side
 * has.
 *
 *     expected            actual
 *     x{a="1"} 1 2     |  x{a="1"} 1 3
 *                      >  x{a="2"} 7
 */
export function formatSideBySide(expected: string, actual: string, columns: number): string[] {
  return formatRows(pairLines(linesOf(expected), linesOf(actual)), columns);
}

/** As `formatSideBySide`, of lines that are paired already. */
export function formatRows(rows: readonly Row[], columns: number): string[] {
  const longest = Math.max(...rows.map(([left]) => left?.length ?? 0), 'expected'.length);
  const longestRight = Math.max(...rows.map(([, right]) => right?.length ?? 0), 'actual'.length);
  const room = Math.max(MIN_COLUMNS, columns - GUTTER);
  // Whichever side needs less than half gives the rest away.
  const leftWidth = Math.min(longest, Math.max(Math.floor(room / 2), room - longestRight));
  const rightWidth = Math.max(1, room - leftWidth);
  const lines = [`${'expected'.padEnd(leftWidth)}     actual`];
  for (const [left, right] of rows) {
    const sign = left === right ? ' ' : right === undefined ? '<' : left === undefined ? '>' : '|';
    const leftLines = wrap(left ?? '', leftWidth);
    const rightLines = wrap(right ?? '', rightWidth);
    const height = Math.max(leftLines.length, rightLines.length);
    for (let i = 0; i < height; i++) {
      lines.push(`${(leftLines[i] ?? '').padEnd(leftWidth)}  ${sign}  ${rightLines[i] ?? ''}`.trimEnd());
    }
  }
  return lines;
}

const GUTTER = 5;
const MIN_COLUMNS = 20;

/** Two lines that stand beside each other; undefined where one side has none. */
export type Row = readonly [left: string | undefined, right: string | undefined];

/** Lines of the same series stand in a row; without any in common, lines stand side by side as they come. */
function pairLines(expected: readonly string[], actual: readonly string[]): Row[] {
  const actualBySeries = new Map(actual.map((line) => [seriesOf(line), line]));
  if (!expected.some((line) => actualBySeries.has(seriesOf(line)))) {
    const height = Math.max(expected.length, actual.length);
    return Array.from({ length: height }, (_, i) => [expected[i], actual[i]] as const);
  }
  const expectedSeries = new Set(expected.map(seriesOf));
  const rows = expected.map((line): Row => [line, actualBySeries.get(seriesOf(line))]);
  return [
    ...rows,
    ...actual.filter((line) => !expectedSeries.has(seriesOf(line))).map((line): Row => [undefined, line]),
  ];
}

/** The metric and labels that a line begins with. */
function seriesOf(line: string): string {
  return /^[^{\s]*(?:\{(?:"(?:[^"\\]|\\.)*"|[^}"])*\})?/.exec(line)?.[0] ?? '';
}

function linesOf(text: string): string[] {
  return text === '' ? ['(nothing)'] : text.split('\n');
}

/** Breaks at spaces where there are any. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width);
    const end = space > width / 3 ? space : width;
    lines.push(rest.slice(0, end));
    // What goes on is set in, so that it is not taken for a line of its own.
    rest = `  ${rest.slice(end).trimStart()}`;
  }
  return [...lines, rest];
}
