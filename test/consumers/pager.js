/**
 * A small service such as others have: it looks at the alerts of a tenant of Cortex, pages once for each that fires, tells how
 * bad it is, and reports how often it did so as a metric of its own.
 */
export class Pager {
  #url;
  #headers;
  #page;
  #now;
  #paged = new Set();
  #count = 0;

  /** `page` is called with what somebody gets to read; `now` tells the time in milliseconds. */
  constructor({ url, tenant, page, now = Date.now }) {
    this.#url = url;
    this.#headers = { 'X-Scope-OrgID': tenant };
    this.#page = page;
    this.#now = now;
  }

  /** What a timer calls. Alerts that cannot be had now are looked at the next time. */
  async check() {
    const answer = await this.#get('/prometheus/api/v1/alerts');
    if (answer === undefined) return;
    const firing = answer.alerts.filter(({ state }) => state === 'firing').map(({ labels }) => labels);
    for (const { alertname, service } of firing) {
      const key = `${alertname} ${service}`;
      if (this.#paged.has(key)) continue;
      const ratio = await this.#errorRatio(service);
      this.#paged.add(key);
      this.#count += 1;
      this.#page(`${alertname}: ${service} fails ${ratio === undefined ? 'unknown' : `${Math.round(ratio * 100)}%`}`);
    }
    const keys = new Set(firing.map(({ alertname, service }) => `${alertname} ${service}`));
    for (const key of this.#paged) if (!keys.has(key)) this.#paged.delete(key);
    await this.#report();
  }

  async #errorRatio(service) {
    const all = `rate(http_requests_total{service="${service}"}[5m])`;
    const failed = all.replace('}', ',code=~"5.."}');
    const query = new URLSearchParams({ query: `sum(${failed}) / sum(${all})` });
    const result = (await this.#get(`/prometheus/api/v1/query?${query}`))?.result[0];
    return result && Number(result.value[1]);
  }

  async #get(path) {
    const response = await fetch(this.#url + path, { headers: this.#headers });
    return response.ok ? (await response.json()).data : undefined;
  }

  /** As OTLP in JSON, which needs no library. */
  async #report() {
    const timeUnixNano = `${BigInt(this.#now()) * 1_000_000n}`;
    const dataPoints = [{ asInt: `${this.#count}`, timeUnixNano }];
    const sum = { dataPoints, isMonotonic: true, aggregationTemporality: 2 };
    const body = { resourceMetrics: [{ scopeMetrics: [{ metrics: [{ name: 'pager_pages', sum }] }] }] };
    await fetch(`${this.#url}/api/v1/otlp/v1/metrics`, {
      method: 'POST',
      headers: { ...this.#headers, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }
}
