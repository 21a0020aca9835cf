import type { EvaluationOutcome, Verdict } from './runner.ts';

/** One line a script with its counts, and a line of totals: for terminals. */
export function formatTable(outcomes: readonly EvaluationOutcome[]): string {
  const counts = countsByFile(outcomes);
  const fileWidth = Math.max(...[...counts.keys(), 'script', 'total'].map((head) => head.length));
  const row = (head: string, { passed, failed }: Record<Verdict, number | string>): string =>
    head.padEnd(fileWidth) + [passed, failed].map((cell) => `${cell}`.padStart(9)).join('');
  return [
    row('script', { passed: 'passed', failed: 'failed' }),
    ...[...counts].map(([file, ofFile]) => row(file, ofFile)),
    row('total', countsOf(outcomes)),
  ].join('\n');
}

export function countsOf(outcomes: readonly EvaluationOutcome[]): Record<Verdict, number> {
  const counts = { passed: 0, failed: 0 };
  for (const { verdict } of outcomes) counts[verdict] += 1;
  return counts;
}

/** An outcome with all that is needed to look into it. */
export function formatOutcome({ file, line, query, verdict, reason, expected, actual }: EvaluationOutcome): string {
  if (verdict === 'passed') return `${file}:${line} passed  ${query}`;
  return `${file}:${line} ${verdict}  ${query}\n  ${reason}\n  expected:\n${indent(expected)}\n  actual:\n${indent(actual)}`;
}

function countsByFile(outcomes: readonly EvaluationOutcome[]): Map<string, Record<Verdict, number>> {
  const files = new Map<string, EvaluationOutcome[]>();
  for (const outcome of outcomes) {
    const known = files.get(outcome.file);
    if (known) known.push(outcome);
    else files.set(outcome.file, [outcome]);
  }
  return new Map([...files].map(([file, ofFile]) => [file, countsOf(ofFile)]));
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
