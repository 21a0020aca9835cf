/** `NO_SERIES` stands for none. */
type SeriesNumber = number;

/**
 * Finds series of one tenant by bytes that named them in requests before: no label becomes a string for that. A finder is
 * good for one request.
 */
export interface SeriesFinder {
  /** The series of these bytes, 0 when they are not known. `view` is borrowed for the call. */
  find(view: DataView, start: number, end: number): SeriesNumber;
  /**
   * How many bytes from `start` on name the series that is expected next, which is then `lastFound`; 0 when these are other
   * bytes. Requests repeat themselves, so this mostly finds what `find` would, before anybody knows where the bytes end.
   */
  matchNext(view: DataView, start: number, limit: number): number;
  readonly lastFound: SeriesNumber;
  /** What `find` would say to bytes for which it said `found` a while ago: 0 when the series is no more. */
  recheck(found: SeriesNumber): SeriesNumber;
  /** Copies the bytes. Remembering the same bytes again replaces their series. */
  remember(view: DataView, start: number, end: number, seriesNumber: SeriesNumber): void;
}

/** What bytes name series in a batch: label fields as they stand in remote write 1.0, or numbers of their texts. */
export type SeriesNamesForm = 'fields' | 'symbols';

/** Or references to the symbols of one table, as they stand in remote write 2.0. */
export type SeriesBytesForm = SeriesNamesForm | `table ${number}`;
