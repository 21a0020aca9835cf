import { expect, test } from 'vitest';
import { ruleFile, slotAt, slotsOf } from '../../src/ruler/slots.ts';
import { xxhash64 } from '../../src/ruler/xxhash.ts';

/** Published values of XXH64, seed 0. */
const hashes: [text: string, hash: string][] = [
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['Nobody inspects the spammish repetition', 'fbcea83c8a378bf1'],
];
test.for(hashes)('hashes %j to %s', ([text, hash]) => {
  expect(xxhash64(Buffer.from(text)).toString(16)).toBe(hash);
});

const files: [namespace: string, file: string][] = [
  ['ns', '/rules/team-a/ns'],
  ['a/b c', '/rules/team-a/a%2Fb%20c'],
  // As Go escapes a segment of a path.
  ["$&+:=@,;?!'()*~", '/rules/team-a/$&+:=@%2C%3B%3F%21%27%28%29%2A~'],
  ['é', '/rules/team-a/%C3%A9'],
];
test.for(files)('keeps the namespace %j in %s', ([namespace, file]) => {
  expect(ruleFile('/rules', 'team-a', namespace)).toBe(file);
});

test('slots are a whole number of intervals apart, and the latest is not in the future', () => {
  for (let number = 0; number < 50; number++) {
    const slots = slotsOf({ file: '/rules/team-a/ns', name: `group ${number}` }, 15_000);
    expect(slots.offsetMs).toBeGreaterThanOrEqual(0);
    expect(slots.offsetMs).toBeLessThan(15_000);
    const nowMs = 1_700_000_000_000 + number * 777;
    const slotMs = slotAt(slots, nowMs);
    expect((slotMs - slots.offsetMs) % 15_000).toBe(0);
    expect(nowMs - slotMs).toBeGreaterThanOrEqual(0);
    expect(nowMs - slotMs).toBeLessThan(15_000);
  }
});

test('groups of one interval are spread over it', () => {
  const offsets = Array.from(
    { length: 200 },
    (_, number) => slotsOf({ file: `/rules/team-${number}/ns`, name: 'same' }, 15_000).offsetMs,
  );
  const perSecond = Array.from({ length: 15 }, (_, second) => offsets.filter((ms) => Math.floor(ms / 1000) === second));
  expect(Math.min(...perSecond.map(({ length }) => length))).toBeGreaterThan(2);
});
