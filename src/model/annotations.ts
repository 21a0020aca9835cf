/** What a query's result comes with besides values: warnings (results may be wrong) and infos (look here). */
export class Annotations {
  readonly #warnings = new Set<string>();
  readonly #infos = new Set<string>();

  /** Texts as Prometheus prints them, e.g. `PromQL warning: …: "x" (1:5)`; a text is kept once. */
  warn(text: string): void {
    this.#warnings.add(text);
  }

  info(text: string): void {
    this.#infos.add(text);
  }

  merge(other: Annotations): void {
    for (const text of other.#warnings) this.#warnings.add(text);
    for (const text of other.#infos) this.#infos.add(text);
  }

  get warnings(): readonly string[] {
    return [...this.#warnings];
  }

  get infos(): readonly string[] {
    return [...this.#infos];
  }
}
