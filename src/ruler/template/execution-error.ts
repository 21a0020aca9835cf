/** What a function of a template complains about, in Go's words. */
export class FunctionError extends Error {}

/** An expansion that failed, with its place: `template: name:1:3: executing "name" at <first>: …`. */
export class TemplateExecutionError extends Error {}

/** The longest text that an expansion may give or hold: far more than an annotation can use. */
export const TEXT_LIMIT_CHARACTERS = 1 << 22;

/** @throws {FunctionError} when a text has become too long */
export function assertTextFits(length: number): void {
  if (length > TEXT_LIMIT_CHARACTERS) {
    throw new FunctionError(`text is longer than ${TEXT_LIMIT_CHARACTERS} characters`);
  }
}
