import type { NumberRange } from './tables/paged-rows.ts';
import type { OriginEnds, OriginRow, TenantOriginsTable } from './tables/tenant-origins-table.ts';

/** What one number of a tenant has in the tables, as far as a tenant reads it: `[from, end)` of each. */
export interface RowStretch {
  /** Names a tenant in the tables. */
  readonly number: number;
  readonly pairs: NumberRange;
  readonly series: NumberRange;
  readonly log: NumberRange;
}

/** SQLite's integers go further, JavaScript's do not. */
const NO_END = Number.MAX_SAFE_INTEGER;

/**
 * Which tenants read rows of others. A fork begins without rows: it is a name, and where its origin's rows ended.
 *
 *     origin   1 2 3 4 5 6 | 7 8      label pairs, series, log: only ever added to
 *     fork     1 2 3 4 5 6 : 7 8 9    up to the bar the origin's rows are read, behind it the fork's own
 *
 * Chunks are read from the origin alone. Nobody writes chunks of either, trims its log or deletes its rows, before
 * tenant-separation.ts has given the fork rows of its own. An origin that is itself a fork makes a chain. Origins may be
 * deleted: their rows stay as long as somebody reads them.
 */
export class TenantOrigins {
  readonly #table: TenantOriginsTable;
  readonly #byNumber = new Map<number, OriginRow>();

  constructor(table: TenantOriginsTable) {
    this.#table = table;
    for (const row of table.all()) this.#byNumber.set(row.tenant, row);
  }

  /** Undefined when the tenant has all its rows itself. */
  of(number: number): OriginRow | undefined {
    return this.#byNumber.get(number);
  }

  /** Whether somebody reads the rows of this tenant besides itself. */
  isOrigin(number: number): boolean {
    for (const { origin } of this.#byNumber.values()) if (origin === number) return true;
    return false;
  }

  /** Whose chunks the tenant reads. */
  chunksOf(number: number): number {
    return this.#chain(number)[0]?.origin ?? number;
  }

  /** How many tenants' rows this one reads besides its own. */
  depth(number: number): number {
    return this.#chain(number).length;
  }

  /** All rows that the tenant reads, in order. */
  stretches(number: number): RowStretch[] {
    const chain = this.#chain(number);
    const stretches: RowStretch[] = [];
    let from: OriginEnds = { pairsEnd: 0, seriesEnd: 0, logEnd: 0 };
    const add = (of: number, end: OriginEnds): void => {
      stretches.push({
        number: of,
        pairs: { from: from.pairsEnd, end: end.pairsEnd },
        series: { from: from.seriesEnd, end: end.seriesEnd },
        log: { from: from.logEnd, end: end.logEnd },
      });
      from = end;
    };
    for (const row of chain) add(row.origin, row);
    add(number, { pairsEnd: NO_END, seriesEnd: NO_END, logEnd: NO_END });
    return stretches;
  }

  /**
   * Where the numbers of rows to come begin at least: below, a fork reads its origin, and an origin's are those of its forks
   * too. What is on disk says less, when what had the highest numbers is gone.
   */
  nextOf(number: number): OriginEnds {
    let { pairsEnd, seriesEnd, logEnd } = this.#byNumber.get(number) ?? { pairsEnd: 0, seriesEnd: 0, logEnd: 0 };
    for (const row of this.#byNumber.values()) {
      if (row.origin !== number) continue;
      pairsEnd = Math.max(pairsEnd, row.pairsEnd);
      seriesEnd = Math.max(seriesEnd, row.seriesEnd);
      logEnd = Math.max(logEnd, row.logEnd);
    }
    return { pairsEnd, seriesEnd, logEnd };
  }

  /** The tenants that read this one's rows, and are not deleted; forks of forks come before those. */
  readersOf(number: number): OriginRow[] {
    const readers = [...this.#byNumber.values()].filter(
      (row) => row.name !== undefined && this.#chain(row.tenant).some(({ origin }) => origin === number),
    );
    return readers.sort((a, b) => this.depth(b.tenant) - this.depth(a.tenant));
  }

  /** Those that are forks still. */
  all(): Iterable<OriginRow> {
    return this.#byNumber.values();
  }

  /** Inside a transaction; `added` follows once it has committed. */
  insert(row: OriginRow): void {
    this.#table.insert(row);
  }

  added(row: OriginRow): void {
    this.#byNumber.set(row.tenant, row);
  }

  /** The fork has all rows of its own. Inside a transaction; `cut` follows once it has committed. */
  delete(number: number): void {
    this.#table.delete(number);
  }

  cut(number: number): void {
    this.#byNumber.delete(number);
  }

  /** The tenant is deleted; its row is deleted by whoever does that, unless it `isOrigin`. */
  tenantDeleted(number: number): void {
    const row = this.#byNumber.get(number);
    if (row === undefined) return;
    if (this.isOrigin(number)) this.#byNumber.set(number, { ...row, name: undefined });
    else this.#byNumber.delete(number);
  }

  /** The first origin of all comes first. */
  #chain(number: number): OriginRow[] {
    const chain: OriginRow[] = [];
    for (let row = this.#byNumber.get(number); row !== undefined; row = this.#byNumber.get(row.origin))
      chain.unshift(row);
    return chain;
  }
}
