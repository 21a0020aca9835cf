/**
 * What a query's result comes with besides values: warnings (results may be wrong) and infos (look here). A text is kept
 * once, with the position of the latest: Prometheus takes texts for the same whatever their place.
 */
export class Annotations {
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();

  /** `text` as Prometheus prints it: `PromQL warning: …: "x"`; `position` is the text's place in the query, `1:5`. */
  warn(text: string, position = ''): void {
    this.#warnings.set(text, position);
  }

  info(text: string, position = ''): void {
    this.#infos.set(text, position);
  }

  merge(other: Annotations): void {
    for (const [text, position] of other.#warnings) this.#warnings.set(text, position);
    for (const [text, position] of other.#infos) this.#infos.set(text, position);
  }

  get warnings(): readonly string[] {
    return withPositions(this.#warnings);
  }

  get infos(): readonly string[] {
    return withPositions(this.#infos);
  }
}

function withPositions(texts: ReadonlyMap<string, string>): readonly string[] {
  return [...texts].map(([text, position]) => (position === '' ? text : `${text} (${position})`));
}
