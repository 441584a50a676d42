/** The subset of JSON Schema that our descriptions use. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly format?: string;
  readonly pattern?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
}

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema?: Schema }>>;

/** The request and the responses of a route, in OpenAPI terms. */
export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly tags: readonly string[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
  readonly security: readonly Readonly<Record<string, unknown>>[];
}

/** `GET /openapi.json`. */
export interface Description {
  readonly info: { readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Omit<Operation, 'method' | 'path'>>>>>;
}

/** All operations by tag, in the order of the description. */
export function operationsByTag({ paths }: Description): ReadonlyMap<string, readonly Operation[]> {
  const byTag = new Map<string, Operation[]>();
  for (const [path, methods] of Object.entries(paths))
    for (const [method, rest] of Object.entries(methods)) {
      const [tag = 'Others'] = rest.tags;
      byTag.set(tag, [...(byTag.get(tag) ?? []), { ...rest, method, path }]);
    }
  return byTag;
}

/** The fragment of the page address for this operation. */
export function operationId({ method, path }: Operation): string {
  return `${method}${path.replace(/[^a-zA-Z0-9]+/gu, '-')}`;
}
