import type { EvaluationOutcome, Verdict } from './runner.ts';
import { formatSideBySide } from './side-by-side.ts';

/** What a report is written for. */
export interface Layout {
  readonly columns: number;
  readonly hasColour: boolean;
}

const plainLayout: Layout = { columns: 120, hasColour: false };

/** One line a script with its counts, and a line of totals. */
export function formatTable(outcomes: readonly EvaluationOutcome[], layout: Layout = plainLayout): string {
  const counts = countsByFile(outcomes);
  const fileWidth = Math.max(...[...counts.keys(), 'script', 'total'].map((head) => head.length));
  const row = (head: string, { passed, failed }: Record<Verdict, number | string>): string =>
    head.padEnd(fileWidth) + [passed, failed].map((cell) => `${cell}`.padStart(9)).join('');
  const lines = [
    paint(layout, 'bold', row('script', { passed: 'passed', failed: 'failed' })),
    ...[...counts].map(([file, ofFile]) => {
      const line = row(file, ofFile);
      return ofFile.failed > 0 ? paint(layout, 'red', line) : line;
    }),
  ];
  if (counts.size > 1) lines.push(paint(layout, 'bold', row('total', countsOf(outcomes))));
  return lines.join('\n');
}

export function countsOf(outcomes: readonly EvaluationOutcome[]): Record<Verdict, number> {
  const counts = { passed: 0, failed: 0 };
  for (const { verdict } of outcomes) counts[verdict] += 1;
  return counts;
}

/** An outcome with all that is needed to look into it: one line, but for a failure. */
export function formatOutcome(outcome: EvaluationOutcome, layout: Layout = plainLayout): string {
  const { file, line, query, when, verdict, reason, expected, actual } = outcome;
  const place = `${file}:${line}`;
  switch (verdict) {
    case 'passed':
      return `${place} passed  ${query}`;
    case 'failed': {
      const sides = query === '' ? [] : formatSideBySide(expected, actual, layout.columns - INDENT.length);
      const head = `${place} ${paint(layout, 'red', 'failed')}  ${query} ${when}`.trimEnd();
      const lines = [head, `${INDENT}${reason}`];
      return [...lines, ...sides.map((side) => INDENT + side)].join('\n');
    }
  }
}

const INDENT = '  ';

function countsByFile(outcomes: readonly EvaluationOutcome[]): Map<string, Record<Verdict, number>> {
  const files = new Map<string, EvaluationOutcome[]>();
  for (const outcome of outcomes) {
    const known = files.get(outcome.file);
    if (known) known.push(outcome);
    else files.set(outcome.file, [outcome]);
  }
  return new Map([...files].map(([file, ofFile]) => [file, countsOf(ofFile)]));
}

const colours = { bold: '1', red: '31' } as const;

function paint({ hasColour }: Layout, colour: keyof typeof colours, text: string): string {
  return hasColour ? `\u001b[${colours[colour]}m${text}\u001b[0m` : text;
}
