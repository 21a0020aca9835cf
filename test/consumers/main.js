import { Pager } from './pager.js';

/** Checks once and prints the pages: `CORTEX_URL=… TENANT=… [NOW_MS=…] node main.js`. */
const { CORTEX_URL: url, TENANT: tenant, NOW_MS: nowMs } = process.env;
const page = (text) => process.stdout.write(`${text}\n`);
await new Pager({ url, tenant, page, ...(nowMs && { now: () => Number(nowMs) }) }).check();
