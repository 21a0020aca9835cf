import { escapeHtml, page, table } from './pages.ts';

/** The one instance of a ring. */
export interface RingInstance {
  readonly id: string;
  readonly state: string;
  readonly address: string;
  readonly registeredMs: number;
}

const TOKEN_COUNT = 512;

/** All of the ring is this one's, so its tokens lie evenly on it. */
const tokens = Array.from({ length: TOKEN_COUNT }, (_, index) => index * (2 ** 32 / TOKEN_COUNT));

/** The page of a ring with one instance. */
export function ringPage(instance: RingInstance, nowMs: number, showsTokens: boolean): string {
  const { id, state, address, registeredMs } = instance;
  const columns = ['Instance ID', 'Availability Zone', 'State', 'Address', 'Registered At', 'Last Heartbeat'];
  const row = [id, '', state, address, goTimeText(registeredMs), goTimeText(nowMs), TOKEN_COUNT, '100%', '0%'];
  const button = showsTokens
    ? `<input type="button" value="Hide Tokens" onclick="window.location.href = '?tokens=false'">`
    : `<input type="button" value="Show Tokens" onclick="window.location.href = '?tokens=true'">`;
  const list = showsTokens ? `\n<h2>Instance: ${escapeHtml(id)}</h2>\n<p>Tokens:<br>${tokens.join(' ')}</p>` : '';
  const owned = ['Tokens', 'Ownership', 'Ownership Diff From Expected'];
  return page(
    'Ring Status',
    `<h1>Ring Status</h1>
<p>Current time: ${goTimeText(nowMs)}</p>
<p>One process is all of the ring.</p>
<form action="" method="POST">
${table([...columns, ...owned], [row])}
<p>${button}</p>${list}
</form>`,
  );
}

/** The same for programs. */
export function ringJson({ id, state, address, registeredMs }: RingInstance, nowMs: number): string {
  const shard = {
    id,
    state,
    address,
    timestamp: goTimeText(nowMs),
    registered_timestamp: goTimeText(registeredMs),
    zone: '',
    tokens,
  };
  const now = new Date(nowMs).toISOString();
  return JSON.stringify({ shards: [shard], now, storageLastUpdated: now });
}

/** As Go prints a time: `2026-01-31 12:00:00 +0000 UTC`. */
function goTimeText(ms: number): string {
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' +0000 UTC');
}
