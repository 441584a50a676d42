import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ALL_ROUTES } from '../../../src/app/openapi/all-routes.ts';
import { openApiDocument } from '../../../src/app/openapi/openapi-document.ts';
import { PAGE_ROUTES } from '../../../src/http/pages.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../../src');

const TEXTS = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(path.join(SOURCE, file), 'utf8'));

/** `CALL_ROUTES.list` and so on: every definition in the source. */
function defined(): string[] {
  return TEXTS.flatMap((text) => {
    const [, table, rest] = /^export const (\w+_ROUTES) = \{$([\s\S]*)/mu.exec(text) ?? [];
    return [...(rest ?? '').matchAll(/^ {2}(\w+): route\(/gmu)].map(([, name]) => `${table}.${name}`);
  });
}

describe('the OpenAPI document', () => {
  it('contains every route once', () => {
    const described = ALL_ROUTES.map(({ method, path: route }) => `${method} ${route}`);
    expect(described.length).toBe(new Set(described).size);
    expect(described.length).toBe(defined().length + PAGE_ROUTES.length);
  });

  it('contains only routes that have a handler', () => {
    const handled = TEXTS.flatMap((text) =>
      [...text.matchAll(/\.add\(\s*(\w+_ROUTES\.\w+)/gu)].map(([, name]) => name),
    );
    expect(handled.sort()).toEqual(defined().sort());
    const others = TEXTS.flatMap(
      (text) => text.match(/\b(router|app)\.(get|post|put|patch|delete)\('/gu) ?? [],
    );
    expect(others).toEqual([]);
  });

  it('is valid OpenAPI 3.1 and contains the schemas', () => {
    const description = JSON.parse(JSON.stringify(openApiDocument('1.2.3', ALL_ROUTES))) as {
      openapi: string;
      paths: Record<
        string,
        Record<
          string,
          { operationId: string; parameters?: { name: string; schema: Record<string, unknown> }[] }
        >
      >;
      servers: unknown;
    };
    expect(description.openapi).toBe('3.1.0');
    const parameters = description.paths['/api/calls']!['get']!.parameters!;
    expect(parameters.map(({ name }) => name)).toEqual([
      ...['q', 'speaker', 'from', 'before', 'number', 'minSeconds', 'maxSeconds', 'outcome', 'state'],
      ...['limit', 'cursor'],
    ]);
    expect(parameters.find(({ name }) => name === 'limit')!.schema).toMatchObject({
      minimum: 1,
      maximum: 200,
    });
    expect(description.paths['/api/calls/{callSid}']!['get']!.parameters![0]!.schema).toMatchObject({
      type: 'string',
    });
    const ids = Object.values(description.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(ids).toContain('get-api-calls-callSid-audio');
    expect(new Set(ids).size).toBe(ALL_ROUTES.length);
    expect(description.servers).toEqual([{ url: '.' }]);
  });
});
