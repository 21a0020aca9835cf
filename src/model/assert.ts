/**
 * States an invariant of the program itself, never something about its input.
 * @throws {AssertionFailure} when it does not hold; only the outermost handler may catch that.
 */
export function assert(condition: unknown, whatHolds: string): asserts condition {
  if (!condition) throw new AssertionFailure(`broken invariant: ${whatHolds}`);
}

/** The end of an exhaustive `switch`: does not compile while a case is missing. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable value: ${JSON.stringify(value)}`);
}

export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure';
}
