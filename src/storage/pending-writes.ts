import type { TenantId } from '../model/tenant.ts';
import type { MetricMetadata } from '../model/write-batch.ts';
import type { LabelPair } from './label-index.ts';
import { SeriesRuns } from './series-runs.ts';
import type { ExemplarRow } from './tables/exemplars-table.ts';
import type { Tables } from './tables/tables.ts';

/**
 * What memory has of one tenant and the disk does not yet. It stays until a transaction has it all, so a failed commit
 * is made good by the next one.
 */
export class PendingWrites {
  readonly #tenantNumber: number;
  #newTenant: TenantId | undefined;
  #pairs: LabelPair[] = [];
  /** Those whose rows are to be written. */
  readonly series = new SeriesRuns();
  #records: { readonly sequence: number; readonly record: Uint8Array }[] = [];
  #metadata: MetricMetadata[] = [];
  #exemplars: ExemplarRow[] = [];
  #exemplarsGoneUpTo = 0;
  #recordBytes = 0;

  constructor(tenantNumber: number, newTenant: TenantId | undefined) {
    this.#tenantNumber = tenantNumber;
    this.#newTenant = newTenant;
  }

  get isEmpty(): boolean {
    return (
      this.#records.length === 0 &&
      this.series.isEmpty &&
      this.#metadata.length === 0 &&
      this.#exemplars.length === 0 &&
      this.#exemplarsGoneUpTo === 0
    );
  }

  /** The tenant has no row and nothing that would need one. */
  get isUnborn(): boolean {
    return this.#newTenant !== undefined && this.isEmpty;
  }

  get recordBytes(): number {
    return this.#recordBytes;
  }

  addPair(pair: LabelPair): void {
    this.#pairs.push(pair);
  }

  addRecord(sequence: number, record: Uint8Array): void {
    this.#records.push({ sequence, record });
    this.#recordBytes += record.length;
  }

  addMetadata(metadata: MetricMetadata): void {
    this.#metadata.push(metadata);
  }

  addExemplar(row: ExemplarRow): void {
    this.#exemplars.push(row);
  }

  /** The exemplars up to `sequence` are not kept any more. */
  dropExemplars(sequence: number): void {
    this.#exemplarsGoneUpTo = sequence;
  }

  /** The tenant's own row, for what is written apart from the rest; `markTenantWritten` follows. */
  writeTenant(tables: Tables): void {
    if (this.#newTenant !== undefined) tables.tenants.insert(this.#tenantNumber, this.#newTenant);
  }

  /** The tenant, when this was its first write. */
  markTenantWritten(): TenantId | undefined {
    const born = this.#newTenant;
    this.#newTenant = undefined;
    return born;
  }

  /** Inside a transaction; `markWritten` follows once it has committed. */
  write(tables: Tables): void {
    const tenantNumber = this.#tenantNumber;
    this.writeTenant(tables);
    tables.labelPairs.insert(tenantNumber, this.#pairs);
    this.series.forEach((seriesRef, count, run) => {
      tables.series.insert(tenantNumber, seriesRef, count, run);
    });
    for (const { sequence, record } of this.#records) tables.log.insert(tenantNumber, sequence, record);
    for (const metadata of this.#metadata) tables.metadata.insert(tenantNumber, metadata);
    for (const row of this.#exemplars) {
      if (row.sequence > this.#exemplarsGoneUpTo) tables.exemplars.insert(tenantNumber, row);
    }
    if (this.#exemplarsGoneUpTo > 0) tables.exemplars.deleteUpTo(tenantNumber, this.#exemplarsGoneUpTo);
  }

  /** As `markTenantWritten`. */
  markWritten(): TenantId | undefined {
    const born = this.markTenantWritten();
    this.#pairs = [];
    this.series.clear();
    this.#records = [];
    this.#metadata = [];
    this.#exemplars = [];
    this.#exemplarsGoneUpTo = 0;
    this.#recordBytes = 0;
    return born;
  }
}
