/**
 * What a query's result comes with besides values: warnings (results may be wrong) and infos (look here). A text is kept
 * once, with the position of the latest: Prometheus takes texts for the same whatever their place.
 */
export class Annotations {
  readonly #warnings = new Map<string, Place>();
  readonly #infos = new Map<string, Place>();
  readonly #times = new Map<string, number>();

  /** `text` as Prometheus prints it: `PromQL warning: …: "x"` */
  warn(text: string, place: Place = NOWHERE): void {
    keep(this.#warnings, text, place);
  }

  info(text: string, place: Place = NOWHERE): void {
    keep(this.#infos, text, place);
  }

  /** As `warn`, and says how often it was called when that was more than once. */
  warnEachTime(text: string, place: Place = NOWHERE): void {
    this.warn(text, place);
    this.#times.set(text, (this.#times.get(text) ?? 0) + 1);
  }

  get warnings(): readonly string[] {
    return withPositions(this.#warnings, this.#times);
  }

  get infos(): readonly string[] {
    return withPositions(this.#infos);
  }
}

/** What an annotation is about. */
export interface Place {
  /** The place in the query, `1:5`. */
  readonly position: string;
  /**
   * Where the call that says it ends in the query. A call is evaluated after its arguments, and they from left to right: the
   * one that ends last is the latest, in whichever order ours take turns.
   */
  readonly callEnd: number;
}

/** Of the query as a whole. */
const NOWHERE: Place = { position: '', callEnd: 0 };

function keep(places: Map<string, Place>, text: string, place: Place): void {
  const known = places.get(text);
  if (known === undefined || place.callEnd >= known.callEnd) places.set(text, place);
}

function withPositions(places: ReadonlyMap<string, Place>, timesOf?: ReadonlyMap<string, number>): readonly string[] {
  return [...places].map(([text, { position }]) => {
    const times = timesOf?.get(text) ?? 1;
    const counted = times > 1 ? `${text} (${times} occurrences)` : text;
    return position === '' ? counted : `${counted} (${position})`;
  });
}
