import { toJsonSchema } from '@valibot/to-json-schema';
import type { GenericSchema } from 'valibot';
import { ErrorCode } from '../../src/lib/api/errors.ts';
import type { Route } from './route.ts';

/** Schemas as senders write them: what the server trims or lower-cases is theirs to send as they like. */
function schemaOf(schema: GenericSchema): object {
  const { $schema: _dialect, ...rest } = toJsonSchema(schema, { typeMode: 'input', errorMode: 'ignore' });
  return rest;
}

function parametersOf(route: Route): object[] {
  const inPath = [...route.path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: (route.params[name] ?? /^[0-9a-z]{16,24}$/).source },
  }));
  const query = route.query && (schemaOf(route.query) as { properties?: object; required?: string[] });
  const inQuery = Object.entries(query?.properties ?? {}).map(([name, schema]) => ({
    name,
    in: 'query',
    required: query?.required?.includes(name) ?? false,
    schema: schema as object,
  }));
  return [...inPath, ...inQuery];
}

function operationOf(route: Route): object {
  const parameters = parametersOf(route);
  const json = (schema: object) => ({ content: { 'application/json': { schema } } });
  return {
    summary: route.summary,
    security: route.access === 'public' ? [] : [{ session: [] }, { bearer: [] }],
    ...(parameters.length > 0 && { parameters }),
    ...(route.body && { requestBody: { required: true, ...json(schemaOf(route.body)) } }),
    responses: {
      [route.status]: { description: 'Done.', ...(route.answer && json(schemaOf(route.answer))) },
      default: {
        description: 'Refused: `code` says why, `message` what to do.',
        ...json({ $ref: '#/components/schemas/Error' }),
      },
    },
  };
}

/** The OpenAPI 3.1 description of a table of routes. */
export function describeApi(routes: readonly Route[], server: { url: string; cookieName: string }): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'TaskFlow', version: '1' },
    servers: [{ url: server.url }],
    paths,
    components: {
      securitySchemes: {
        session: { type: 'apiKey', in: 'cookie', name: server.cookieName },
        bearer: { type: 'http', scheme: 'bearer' },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['error'],
          properties: {
            error: {
              type: 'object',
              required: ['code', 'message'],
              properties: { code: { enum: Object.keys(ErrorCode) }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  };
}
