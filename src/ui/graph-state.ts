import { formatDuration, parseDuration } from '../model/duration.ts';

/** All that the page shows; the address bar holds it. */
export interface GraphState {
  /** Empty until one is chosen. */
  readonly tenant: string;
  readonly view: View;
  readonly expr: string;
  readonly tab: Tab;
  readonly rangeMs: number;
  /** The end of the graph and the time of the table; now when undefined. */
  readonly endMs: number | undefined;
  /** How often it looks again by itself; 0 for not at all. */
  readonly refreshMs: number;
}

export type View = 'query' | 'alerts' | 'rules';
export type Tab = 'table' | 'graph';

const DEFAULT_RANGE_MS = 3_600_000;
const SHORTEST_REFRESH_MS = 1000;

const views: readonly View[] = ['query', 'alerts', 'rules'];

/**
 * Reads the query string of the page. The names are those of Prometheus's own page, which stand in the `generatorURL` of
 * every alert (`g0.expr`, `g0.tab`: 0 or `graph`, 1 or `table`, `g0.range_input`, `g0.end_input`), and three of ours.
 * What makes no sense is taken as not given.
 */
export function readState(search: string): GraphState {
  const parameters = new URLSearchParams(search);
  const tab = parameters.get('g0.tab');
  const range = parseDuration(parameters.get('g0.range_input') ?? '');
  const endMs = Date.parse(`${(parameters.get('g0.end_input') ?? '').replace(' ', 'T')}Z`);
  const refresh = parseDuration(parameters.get('refresh') ?? '');
  return {
    tenant: parameters.get('tenant') ?? '',
    view: views.find((view) => view === parameters.get('view')) ?? 'query',
    expr: parameters.get('g0.expr') ?? '',
    tab: tab === '1' || tab === 'table' ? 'table' : 'graph',
    rangeMs: range.ok && range.ms > 0 ? range.ms : DEFAULT_RANGE_MS,
    endMs: Number.isNaN(endMs) ? undefined : endMs,
    refreshMs: refresh.ok && refresh.ms > 0 ? Math.max(SHORTEST_REFRESH_MS, refresh.ms) : 0,
  };
}

/** The query string for a state, `?` included; what is as by default is left out. The inverse of `readState`. */
export function writeState(state: GraphState): string {
  const parameters = new URLSearchParams();
  if (state.tenant !== '') parameters.set('tenant', state.tenant);
  if (state.view !== 'query') parameters.set('view', state.view);
  if (state.expr !== '') parameters.set('g0.expr', state.expr);
  parameters.set('g0.tab', state.tab);
  if (state.rangeMs !== DEFAULT_RANGE_MS) parameters.set('g0.range_input', formatDuration(state.rangeMs));
  if (state.endMs !== undefined) parameters.set('g0.end_input', formatTime(state.endMs));
  if (state.refreshMs > 0) parameters.set('refresh', formatDuration(state.refreshMs));
  return `?${parameters}`;
}

/** A time of day in UTC as people write it: `2026-05-01 12:30:00`. */
export function formatTime(timestampMs: number): string {
  return new Date(timestampMs).toISOString().slice(0, 19).replace('T', ' ');
}

/** The resolution of a graph: about 250 steps, whole seconds. */
export function stepSecondsOf(rangeMs: number): number {
  return Math.max(1, Math.ceil(rangeMs / 250_000));
}
