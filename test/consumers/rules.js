/** What the service is deployed with. */
export const rules = {
  name: 'shop',
  interval: '1m',
  rules: [
    {
      record: 'service:errors:ratio_rate5m',
      expr: 'sum by (service) (rate(http_requests_total{code=~"5.."}[5m])) / sum by (service) (rate(http_requests_total[5m]))',
    },
    { alert: 'TooManyErrors', expr: 'service:errors:ratio_rate5m > 0.05', for: '5m' },
  ],
};

/** A request a second; from the 20th minute to the 40th a fifth of those of `checkout` fails. An hour and 20 minutes, a point each 15 s. */
export const series = `
  http_requests_total{service="search",code="200"} 0+15x320
  http_requests_total{service="checkout",code="200"} 0+15x80 1212+12x79 2175+15x160
  http_requests_total{service="checkout",code="500"} 0x80 3+3x79 240x160
`;
