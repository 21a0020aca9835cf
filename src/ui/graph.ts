import { formatDuration, parseDuration } from '../model/duration.ts';
import { ask, fetchNowMs, fetchTenants, type GroupJson, type QueryData } from './api.ts';
import { byId, html } from './dom.ts';
import { formatTime, type GraphState, readState, stepSecondsOf, type View, writeState } from './graph-state.ts';
import { resultChart, resultTable } from './query-view.ts';
import { rulesView } from './rules-view.ts';

/*
 * The page: what it shows is its state, and its state is in the address bar. Every change goes through `go`, which writes
 * the address and shows it; Back and Forward show it again.
 */
const tenantInput = byId<HTMLInputElement>('tenant');
const exprInput = byId<HTMLTextAreaElement>('expr');
const rangeInput = byId<HTMLInputElement>('range');
const endInput = byId<HTMLInputElement>('end');
const refreshInput = byId<HTMLSelectElement>('refresh');
const output = byId('output');
const notice = byId('notice');

let state = readState(location.search);
let running = new AbortController();
let nextLook: ReturnType<typeof setTimeout> | undefined;

function go(change: Partial<GraphState>): void {
  state = { ...state, ...change };
  history.pushState(undefined, '', writeState(state));
  void show();
}

function goFromForm(change: Partial<GraphState> = {}): void {
  const range = parseDuration(rangeInput.value.trim());
  const endMs = Date.parse(`${endInput.value.trim().replace(' ', 'T')}Z`);
  go({
    tenant: tenantInput.value.trim() || state.tenant,
    expr: exprInput.value,
    rangeMs: range.ok && range.ms > 0 ? range.ms : state.rangeMs,
    endMs: Number.isNaN(endMs) ? undefined : endMs,
    ...change,
  });
}

/** Looks again by itself, later, if it shall; meanwhile what is there stays, and so does what somebody is writing. */
async function show(isAgain = false): Promise<void> {
  running.abort();
  clearTimeout(nextLook);
  running = new AbortController();
  const { signal } = running;
  if (!isAgain) {
    fillForm();
    notice.replaceChildren();
    output.classList.add('loading');
  }
  const startedMs = performance.now();
  try {
    const [content, notes] = await contentOf(state, signal);
    if (signal.aborted) return;
    output.replaceChildren(content);
    notice.replaceChildren();
    for (const note of notes) notice.append(html('p', { class: 'warning' }, note));
    if (state.view === 'query' && state.expr !== '') {
      notice.append(html('p', { class: 'note' }, `answered in ${Math.round(performance.now() - startedMs)} ms`));
    }
  } catch (error) {
    if (signal.aborted) return;
    output.replaceChildren(html('p', { class: 'error' }, error instanceof Error ? error.message : String(error)));
  } finally {
    if (!signal.aborted) {
      output.classList.remove('loading');
      if (state.refreshMs > 0) nextLook = setTimeout(() => void show(true), state.refreshMs);
    }
  }
}

async function contentOf(
  { tenant, view, expr, tab, rangeMs, endMs: givenMs }: GraphState,
  signal: AbortSignal,
): Promise<readonly [HTMLElement, readonly string[]]> {
  if (view !== 'query') {
    const { data, notes } = await ask<{ readonly groups: readonly GroupJson[] }>(tenant, 'rules', {}, signal);
    return [rulesView(data.groups, view, (query) => go({ view: 'query', tab: 'graph', expr: query })), notes];
  }
  if (expr.trim() === '') return [html('p', { class: 'note' }, 'Write an expression and press Enter.'), []];
  const endMs = givenMs ?? (await fetchNowMs());
  if (tab === 'table') {
    const { data, notes } = await ask<QueryData>(tenant, 'query', { query: expr, time: `${endMs / 1000}` }, signal);
    return [resultTable(data), notes];
  }
  const step = stepSecondsOf(rangeMs);
  // Steps stand at the same times whenever one looks, so that a graph does not tremble.
  const endSeconds = Math.floor(endMs / 1000 / step) * step;
  const startSeconds = Math.floor((endMs - rangeMs) / 1000 / step) * step;
  const times = { start: `${startSeconds}`, end: `${endSeconds}`, step: `${step}` };
  const { data, notes } = await ask<QueryData>(tenant, 'query_range', { query: expr, ...times }, signal);
  const range = { startMs: startSeconds * 1000, endMs: endSeconds * 1000, stepMs: step * 1000 };
  return [resultChart(data, range), notes];
}

function fillForm(): void {
  tenantInput.value = state.tenant;
  exprInput.value = state.expr;
  rangeInput.value = formatDuration(state.rangeMs);
  endInput.value = state.endMs === undefined ? '' : formatTime(state.endMs);
  refreshInput.value = formatDuration(state.refreshMs);
  byId('query').hidden = state.view !== 'query';
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-view], button[data-tab]')) {
    const { view, tab } = button.dataset;
    button.setAttribute('aria-pressed', `${view === state.view || tab === state.tab}`);
  }
  document.title = state.expr === '' ? 'pocket-cortex' : `${state.expr} · pocket-cortex`;
}

async function offerTenants(): Promise<void> {
  const tenants = await fetchTenants().catch(() => []);
  byId('tenants').replaceChildren(...tenants.map((tenant) => html('option', { value: tenant })));
  // Whoever comes from an alert has no tenant in the address; with one tenant there is nothing to choose.
  if (state.tenant === '' && tenants.length > 0) state = { ...state, tenant: tenants[0]! };
}

async function offerMetricNames(): Promise<void> {
  const { data } = await ask<readonly string[]>(
    state.tenant,
    'label/__name__/values',
    { limit: '5000' },
    running.signal,
  );
  byId('metrics').replaceChildren(...data.map((name) => html('option', { value: name })));
}

function listen(): void {
  exprInput.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey) return;
    event.preventDefault();
    goFromForm();
  });
  byId('query').addEventListener('submit', (event) => {
    event.preventDefault();
    goFromForm();
  });
  refreshInput.addEventListener('change', () => {
    const refresh = parseDuration(refreshInput.value);
    if (refresh.ok) go({ refreshMs: refresh.ms });
  });
  // The browser offers what begins with what is written: to choose another one, nothing may be.
  tenantInput.addEventListener('focus', () => {
    tenantInput.value = '';
    tenantInput.placeholder = state.tenant;
  });
  tenantInput.addEventListener('blur', () => {
    if (tenantInput.value === '') tenantInput.value = state.tenant;
  });
  tenantInput.addEventListener('change', () => {
    if (tenantInput.value === '') return;
    goFromForm();
    offerMetricNames().catch(() => {});
  });
  byId<HTMLInputElement>('metric').addEventListener('change', (event) => {
    const input = event.target as HTMLInputElement;
    exprInput.value = input.value;
    input.value = '';
    goFromForm();
  });
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-view]')) {
    button.addEventListener('click', () => goFromForm({ view: button.dataset['view'] as View }));
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-tab]')) {
    button.addEventListener('click', () => goFromForm({ tab: button.dataset['tab'] === 'table' ? 'table' : 'graph' }));
  }
  for (const button of document.querySelectorAll<HTMLButtonElement>('button[data-range]')) {
    button.addEventListener('click', () => {
      const range = parseDuration(button.dataset['range']!);
      if (range.ok) goFromForm({ rangeMs: range.ms });
    });
  }
  addEventListener('popstate', () => {
    state = readState(location.search);
    void show();
  });
}

listen();
await offerTenants();
await show();
offerMetricNames().catch(() => {});
