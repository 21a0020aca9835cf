/**
 * Rows that are read a page at a time: `pageAfter` gives the next few behind a row, none at the end. Between two pages
 * no statement is open, which would keep everybody else from writing, so whoever takes the rows may pause.
 */
export function* pagedRows<Row>(pageAfter: (last: Row | undefined) => readonly Row[]): Generator<Row, void, undefined> {
  for (let page = pageAfter(undefined); page.length > 0; page = pageAfter(page.at(-1))) yield* page;
}

/** Rows of a few dozen bytes: a page is read in well under a millisecond. */
export const PAGE_ROWS = 512;

/** Rows by their number: `[from, end)`. */
export interface NumberRange {
  readonly from: number;
  readonly end: number;
}
