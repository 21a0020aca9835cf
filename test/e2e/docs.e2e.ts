import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { documents, placeOf, snippetsOf } from '../docs/markdown.ts';
import { runnerOf } from '../docs/runners.ts';
import { Workplace } from '../docs/workplace.ts';
import { findProgram } from '../support/child-process.ts';

/*
 * Of the snippets of documents those that need more than Node: tools of Prometheus, and a Go. `test/docs` has the others.
 */

const ofPeers = documents.flatMap(snippetsOf).filter((snippet) => runnerOf(snippet)?.where === 'end-to-end');

describe('snippets of documents', () => {
  let workplace: Workplace;
  beforeAll(async () => {
    workplace = await Workplace.open();
  });
  afterAll(() => workplace.close());

  test('there are some', () => {
    expect(ofPeers.length).toBeGreaterThan(0);
  });

  for (const snippet of ofPeers) {
    const runner = runnerOf(snippet)!;
    const missing = runner.needs?.filter((program) => !findProgram(program)) ?? [];
    const because = missing.length > 0 ? ` (skipped: ${missing.join(', ')} not on PATH)` : '';
    test.skipIf(missing.length > 0)(
      `${placeOf(snippet)} is ${runner.name}${because}`,
      () => runner.run(snippet, workplace),
      300_000,
    );
  }
});
