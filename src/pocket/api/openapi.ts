import { VERSION } from '../../config/version.ts';
import { errorCatalogue } from '../../model/errors.ts';
import type { RouteDescription, RouteParameter, RouteResponse } from './route.ts';

/** The OpenAPI 3.1 document of `routes`, which all stand under `prefix`. */
export function openApiDocument(prefix: string, routes: readonly RouteDescription[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = prefix + route.path;
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'pocket-cortex',
      version: VERSION,
      description: 'What pocket-cortex can do beside being a Cortex: for tests, demos and development.',
    },
    paths,
    components: {
      schemas: {
        Error: {
          type: 'object',
          required: ['status', 'error'],
          properties: {
            status: { const: 'error' },
            code: { enum: Object.keys(errorCatalogue) },
            errorType: { type: 'string' },
            error: { type: 'string' },
          },
        },
      },
    },
  };
}

function operationOf({ method, path, summary, parameters = [], body, responses }: RouteDescription): object {
  return {
    operationId: operationId(method, path),
    summary,
    ...(parameters.length > 0 && { parameters: parameters.map(parameterOf) }),
    ...(body && {
      requestBody: {
        description: body.about,
        content: {
          [body.contentType]: {
            schema: schemaFor(body.contentType),
            ...(body.example !== undefined && { example: body.example }),
          },
        },
      },
    }),
    responses: {
      ...Object.fromEntries(Object.entries(responses).map(([status, response]) => [status, responseOf(response)])),
      default: {
        description: 'What is wrong with the request.',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  };
}

/** `PUT /tenants/{tenant}/clock` is `putTenantsTenantClock`. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('');
}

function parameterOf({ name, in: place, about, isRequired, type = 'string', isRepeated }: RouteParameter): object {
  return {
    name,
    in: place,
    description: about,
    required: isRequired ?? place === 'path',
    schema: isRepeated ? { type: 'array', items: { type } } : { type },
  };
}

function responseOf({ about, contentType = 'application/json', schema }: RouteResponse): object {
  return { description: about, content: { [contentType]: { schema: schema ?? schemaFor(contentType) } } };
}

function schemaFor(contentType: string): object {
  return contentType === 'application/json' ? {} : { type: 'string' };
}
