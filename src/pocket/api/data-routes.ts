import type { RouteDescription, RouteParameter } from './route.ts';
import { integer, object, oneOf, success, text } from './schema.ts';

const tenant: RouteParameter = { name: 'X-Scope-OrgID', in: 'header', about: 'Whose data.', isRequired: true };

const imported = object({
  samples: integer,
  histograms: integer,
  exemplars: integer,
  metadata: integer,
  duplicates: integer,
  refused: integer,
});

/** What the HTTP floor serves itself under the prefix: import and export of data. */
export const dataRoutes: readonly RouteDescription[] = [
  {
    method: 'POST',
    path: '/import',
    summary: 'Takes data of any time in any order: OpenMetrics, Prometheus text, JSON lines or remote write.',
    parameters: [
      tenant,
      { name: 'format', in: 'query', about: 'openmetrics, prometheus or jsonl, where neither type nor text tells.' },
      { name: 'timestamp', in: 'query', about: 'The time of samples that have none; now when it is left out.' },
    ],
    body: {
      contentType: 'application/openmetrics-text',
      about: 'The data; gzip is taken with Content-Encoding.',
      example: 'up{job="api"} 1 1700000000\n# EOF\n',
      limitBytes: Infinity,
    },
    responses: {
      200: { about: 'What was taken.', schema: object({ status: success, data: imported }) },
      400: {
        about: 'What is wrong, and what was taken all the same.',
        schema: object({ status: oneOf('error'), errorType: text, error: text, data: imported }),
      },
    },
  },
  {
    method: 'GET',
    path: '/export',
    summary: 'Gives series with their samples as OpenMetrics or JSON lines.',
    parameters: [
      tenant,
      {
        name: 'match[]',
        in: 'query',
        about: 'Selectors of series; {} is everything.',
        isRequired: true,
        isRepeated: true,
      },
      { name: 'start', in: 'query', about: 'The earliest time.' },
      { name: 'end', in: 'query', about: 'The latest time.' },
      { name: 'format', in: 'query', about: 'openmetrics or jsonl.' },
    ],
    responses: { 200: { about: 'The data.', contentType: 'application/openmetrics-text' } },
  },
];
