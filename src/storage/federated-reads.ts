import type { SampleColumns } from '../model/columns.ts';
import { compareText, type Labels } from '../model/labels.ts';
import { createMatcher, type Matcher } from '../model/matcher.ts';
import type { SelectRequest, SeriesSet, SeriesSource } from '../model/series-source.ts';
import { sortInSlices } from '../model/sort-in-slices.ts';
import { type TenantId, tenantsOf } from '../model/tenant.ts';
import { runAtOnce, type Work } from '../model/work.ts';
import type { Exemplar, MetricMetadata } from '../model/write-batch.ts';
import type { LabelRequest, Store } from './types.ts';

/** The label that says which tenant a series is of. */
const TENANT_LABEL = '__tenant_id__';
/** What a series' own label of that name is called then. */
const ORIGINAL_TENANT_LABEL = `original_${TENANT_LABEL}`;

/** What of a store queries read. */
export type StoreReads = Pick<
  Store,
  'load' | 'select' | 'selectInSlices' | 'series' | 'labelNames' | 'labelValues' | 'metadata' | 'exemplars'
>;

/**
 * Reads of several tenants at once: for a tenant id that joins some (`tenantsOf`), each is read by itself, and what is
 * found gets the label `__tenant_id__`, which selectors may ask for. With one tenant it is the store's own answer.
 */
export class FederatedReads implements StoreReads {
  readonly #store: StoreReads;

  constructor(store: StoreReads) {
    this.#store = store;
  }

  load(tenant: TenantId): Promise<void> {
    const tenants = tenantsOf(tenant);
    return tenants.length === 1 ? this.#store.load(tenants[0]!) : this.#loadAll(tenants);
  }

  async #loadAll(tenants: readonly TenantId[]): Promise<void> {
    await Promise.all(tenants.map((one) => this.#store.load(one)));
  }

  select(request: SelectRequest): SeriesSet {
    return runAtOnce(this.selectInSlices(request));
  }

  selectInSlices(request: SelectRequest): Work<SeriesSet> {
    return selectFederated(this.#store, request);
  }

  *series(request: LabelRequest): Work<Labels[]> {
    const tenants = tenantsOf(request.tenant);
    if (tenants.length === 1) return yield* this.#store.series(request);
    const found = new Map<string, Labels>();
    for (const part of split(request, tenants)) {
      for (const labels of yield* this.#store.series(part)) {
        const named = withTenant(labels, part.tenant);
        found.set(named.key, named);
      }
      yield;
    }
    return yield* sortInSlices([...found.values()], (a, b) => a.compare(b));
  }

  *labelNames(request: LabelRequest): Work<string[]> {
    const tenants = tenantsOf(request.tenant);
    if (tenants.length === 1) return yield* this.#store.labelNames(request);
    const names = new Set<string>();
    for (const part of split(request, tenants)) {
      for (const name of yield* this.#store.labelNames(part)) names.add(name);
      yield;
    }
    names.add(names.has(TENANT_LABEL) ? ORIGINAL_TENANT_LABEL : TENANT_LABEL);
    return [...names].sort(compareText);
  }

  *labelValues(request: LabelRequest & { readonly labelName: string }): Work<string[]> {
    const tenants = tenantsOf(request.tenant);
    if (tenants.length === 1) return yield* this.#store.labelValues(request);
    const parts = split(request, tenants);
    // The tenants are known without looking: they are there even when they have no series.
    if (request.labelName === TENANT_LABEL) {
      return [...new Set(parts.map(({ tenant }) => tenant))].sort(compareText);
    }
    const labelName = request.labelName === ORIGINAL_TENANT_LABEL ? TENANT_LABEL : request.labelName;
    const values = new Set<string>();
    for (const part of parts) {
      for (const value of yield* this.#store.labelValues({ ...part, labelName })) values.add(value);
      yield;
    }
    return [...values].sort(compareText);
  }

  metadata(tenant: TenantId): readonly MetricMetadata[] {
    const tenants = tenantsOf(tenant);
    if (tenants.length === 1) return this.#store.metadata(tenant);
    const found = new Map<string, MetricMetadata>();
    for (const one of tenants) {
      for (const entry of this.#store.metadata(one)) {
        const key = JSON.stringify([entry.metric, entry.type, entry.help, entry.unit]);
        if (!found.has(key)) found.set(key, entry);
      }
    }
    return [...found.values()].sort((a, b) => compareText(a.metric, b.metric));
  }

  *exemplars(
    tenant: TenantId,
    selectors: readonly (readonly Matcher[])[],
    range: { readonly startMs: number; readonly endMs: number },
  ): Work<{ readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[]> {
    const tenants = tenantsOf(tenant);
    if (tenants.length === 1) return yield* this.#store.exemplars(tenant, selectors, range);
    const found: { readonly labels: Labels; readonly exemplars: readonly Exemplar[] }[] = [];
    for (const part of split({ tenant, selectors, startMs: -Infinity, endMs: Infinity }, tenants)) {
      const ofTenant = yield* this.#store.exemplars(part.tenant, part.selectors, range);
      for (const { labels, exemplars } of ofTenant) found.push({ labels: withTenant(labels, part.tenant), exemplars });
      yield;
    }
    return found;
  }
}

/** A source of the same kind over any source, such as one that counts what a query reads of each tenant. */
export function federatedSource(source: SeriesSource): SeriesSource {
  const open = source.forQuery?.bind(source);
  return {
    select: (request) => runAtOnce(selectFederated(source, request)),
    selectInSlices: (request) => selectFederated(source, request),
    ...(open && { forQuery: () => federatedSource(open()) }),
  };
}

type Selectable = Pick<SeriesSource, 'selectInSlices'>;

function* selectFederated(source: Selectable, request: SelectRequest): Work<SeriesSet> {
  const tenants = tenantsOf(request.tenant);
  if (tenants.length === 1) return yield* source.selectInSlices(request);
  const sets: SeriesSet[] = [];
  const found: { readonly labels: Labels; readonly set: SeriesSet; readonly index: number }[] = [];
  for (const tenant of tenants) {
    const matchers = matchersFor(tenant, request.matchers);
    if (!matchers) continue;
    const set = yield* source.selectInSlices({ ...request, tenant, matchers });
    sets.push(set);
    for (let index = 0; index < set.labels.length; index++) {
      found.push({ labels: withTenant(set.labels[index]!, tenant), set, index });
      yield;
    }
  }
  const sorted = yield* sortInSlices(found, (a, b) => a.labels.compare(b.labels));
  return {
    labels: sorted.map(({ labels }) => labels),
    read: (seriesIndex: number, into: SampleColumns) => {
      const { set, index } = sorted[seriesIndex]!;
      set.read(index, into);
    },
  };
}

/** The request for each tenant that its selectors do not exclude. */
function split(request: LabelRequest, tenants: readonly TenantId[]): LabelRequest[] {
  return tenants.flatMap((tenant) => {
    if (request.selectors.length === 0) return { ...request, tenant };
    const selectors = request.selectors.flatMap((matchers) => {
      const own = matchersFor(tenant, matchers);
      return own ? [own] : [];
    });
    return selectors.length === 0 ? [] : { ...request, tenant, selectors };
  });
}

/** What is to be asked of the tenant's own labels; undefined when the matchers exclude the tenant. */
function matchersFor(tenant: TenantId, matchers: readonly Matcher[]): readonly Matcher[] | undefined {
  const own: Matcher[] = [];
  for (const matcher of matchers) {
    if (matcher.name === TENANT_LABEL) {
      if (!matcher.matches(tenant)) return undefined;
    } else if (matcher.name === ORIGINAL_TENANT_LABEL) {
      own.push(createMatcher(TENANT_LABEL, matcher.op, matcher.value));
    } else {
      own.push(matcher);
    }
  }
  return own;
}

function withTenant(labels: Labels, tenant: TenantId): Labels {
  const own = labels.get(TENANT_LABEL);
  return (own === '' ? labels : labels.with(ORIGINAL_TENANT_LABEL, own)).with(TENANT_LABEL, tenant);
}
