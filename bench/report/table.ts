import { type Row, ratioTo } from './rows.ts';

/** The cells of a table: a head, then a line a row with a column for each target and for the ratio to each peer. */
export function tableCells(rows: readonly Row[], targets: readonly string[]): string[][] {
  const [self, ...peers] = targets;
  const hasNotes = rows.some(({ notes }) => notes !== undefined);
  const head = ['', ...targets, ...peers.map((peer) => `/ ${peer}`), ...(hasNotes ? ['notes'] : [])];
  const lines = rows.map((row) => [
    row.unit === '' ? row.name : `${row.name} (${row.unit})`,
    ...targets.map((target) => formatFigure(row, target)),
    ...peers.map((peer) => formatRatio(ratioTo(row, self!, peer))),
    ...(hasNotes ? [notesText(row)] : []),
  ]);
  return [head, ...lines];
}

/** For a terminal. The ratios say how many times better the first target is; below 1 it is worse. */
export function formatTable(rows: readonly Row[], targets: readonly string[]): string {
  const cells = tableCells(rows, targets);
  const last = cells[0]!.length - 1;
  const isText = (column: number): boolean => column === 0 || (column === last && cells[0]![column] === 'notes');
  const widths = cells[0]!.map((_, column) => Math.max(...cells.map((line) => line[column]!.length)));
  return cells
    .map((line) =>
      line.map((cell, column) => (isText(column) ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))),
    )
    .map((line) => line.join('  ').trimEnd())
    .join('\n');
}

/** The same as a table in Markdown. */
export function markdownTable(rows: readonly Row[], targets: readonly string[]): string {
  const [head, ...lines] = tableCells(rows, targets).map((line) => line.map((cell) => cell.replaceAll('|', '\\|')));
  const rule = head!.map((cell, column) => (column === 0 || cell === 'notes' ? '---' : '--:'));
  return [head!, rule, ...lines].map((line) => `| ${line.join(' | ')} |`).join('\n');
}

/** The targets that have a figure in any of `rows`, in the order of `names`. */
export function targetsIn(rows: readonly Row[], names: readonly string[]): string[] {
  return names.filter((name) => rows.some(({ figures }) => name in figures));
}

export function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en-US');
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function formatFigure({ figures }: Row, target: string): string {
  const figure = figures[target];
  if (!figure) return '-';
  const value = formatNumber(figure.value);
  return figure.spread ? `${value} [${formatNumber(figure.spread[0])}..${formatNumber(figure.spread[1])}]` : value;
}

function formatRatio(ratio: number | undefined): string {
  return ratio === undefined ? '-' : `${ratio.toFixed(2)}x`;
}

function notesText({ notes = {} }: Row): string {
  return Object.entries(notes)
    .map(([target, text]) => `${target}: ${text}`)
    .join('; ');
}
