/** A small service such as others have: it asks a Prometheus-compatible server how much of an error budget is left. */
export class ErrorBudget {
  readonly #url: string;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(url: string, tenant: string) {
    this.#url = url;
    this.#headers = { 'X-Scope-OrgID': tenant };
  }

  /** Of the last hour, with an objective such as 0.99; undefined without traffic. Below 0 it is overspent. */
  async left(objective: number): Promise<number | undefined> {
    const query = `sum(rate(requests{code=~"5.."}[1h])) / sum(rate(requests[1h])) / ${1 - objective}`;
    const response = await fetch(`${this.#url}/prometheus/api/v1/query?query=${encodeURIComponent(query)}`, {
      headers: this.#headers,
    });
    const { data } = (await response.json()) as { data: { result: { value: [number, string] }[] } };
    const spent = data.result[0]?.value[1];
    return spent === undefined ? undefined : 1 - Number(spent);
  }
}
