import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openApiDocument } from '../../../src/app/openapi/openapi-document.ts';
import { ROUTES } from '../../../src/app/openapi/route-table.ts';

const SOURCE = path.resolve(import.meta.dirname, '../../../src');

/** Method and path of every route that the source registers; constants of paths are looked up. */
function registered(): string[] {
  const texts = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.startsWith('simulator'))
    .map((file) => readFileSync(path.join(SOURCE, file), 'utf8'));
  const all = texts.join('\n');
  const routes = texts.flatMap((text) =>
    [...text.matchAll(/router\.(get|post|put|delete)\(\s*(?:'([^']+)'|(?:TELEPHONE_PATHS)\.(\w+))/gu)].map(
      ([, method, literal, named]) => {
        const constant = named && new RegExp(`\\b${named}: '([^']+)'`, 'u').exec(all)?.[1];
        return `${method} ${literal ?? constant ?? ''}`;
      },
    ),
  );
  const pages = [...all.matchAll(/^ {2}'(\/[\w/:]*)': '\w+\.html'/gmu)].map(([, page]) => `get ${page}`);
  return [...routes, ...pages];
}

describe('the description of the interface', () => {
  it('names every route that there is, and no other', () => {
    const described = ROUTES.map(({ method, path: route }) => `${method} ${route}`);
    expect(new Set(described)).toEqual(new Set(registered()));
    expect(described.length).toBe(new Set(described).size);
  });

  it('is OpenAPI 3.1 with what the schemas say', () => {
    const description = JSON.parse(JSON.stringify(openApiDocument('1.2.3'))) as {
      openapi: string;
      paths: Record<
        string,
        Record<string, { parameters?: { name: string; schema: Record<string, unknown> }[] }>
      >;
      'x-websockets': Record<string, unknown>;
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
    expect(JSON.stringify(description['x-websockets'])).toContain('takeOver');
  });
});
