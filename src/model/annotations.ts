/**
 * What a query's result comes with besides values: warnings (results may be wrong) and infos (look here). A text is kept
 * once, with the position of the latest: Prometheus takes texts for the same whatever their place.
 */
export class Annotations {
  readonly #warnings = new Map<string, string>();
  readonly #infos = new Map<string, string>();
  readonly #times = new Map<string, number>();

  /** `text` as Prometheus prints it: `PromQL warning: …: "x"`; `position` is the text's place in the query, `1:5`. */
  warn(text: string, position = ''): void {
    this.#warnings.set(text, position);
  }

  info(text: string, position = ''): void {
    this.#infos.set(text, position);
  }

  /** As `warn`, and says how often it was called when that was more than once. */
  warnEachTime(text: string, position = ''): void {
    this.warn(text, position);
    this.#times.set(text, (this.#times.get(text) ?? 0) + 1);
  }

  merge(other: Annotations): void {
    for (const [text, position] of other.#warnings) this.#warnings.set(text, position);
    for (const [text, position] of other.#infos) this.#infos.set(text, position);
    for (const [text, times] of other.#times) this.#times.set(text, (this.#times.get(text) ?? 0) + times);
  }

  get warnings(): readonly string[] {
    return withPositions(this.#warnings, this.#times);
  }

  get infos(): readonly string[] {
    return withPositions(this.#infos);
  }
}

function withPositions(texts: ReadonlyMap<string, string>, timesOf?: ReadonlyMap<string, number>): readonly string[] {
  return [...texts].map(([text, position]) => {
    const times = timesOf?.get(text) ?? 1;
    const counted = times > 1 ? `${text} (${times} occurrences)` : text;
    return position === '' ? counted : `${counted} (${position})`;
  });
}
