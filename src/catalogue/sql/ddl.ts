import type { ColumnKind, TableShape } from './schema.ts';

/** How one database creates its tables. */
export interface TableWords {
  readonly types: Readonly<Record<ColumnKind, string>>;
  /** Table options after the closing bracket. */
  readonly options?: string;
  /** Additional lines of some tables. */
  readonly more?: Readonly<Record<string, readonly string[]>>;
  /** Indexes are declared inside the table if the database lacks `create index if not exists`. */
  readonly indexesInside?: boolean;
}

/** The statements that create a table. Each is idempotent. */
export function createTable(table: TableShape, words: TableWords): string[] {
  const { types, options, indexesInside, more } = words;
  const lines = Object.entries(table.columns).map(([name, kind]) => {
    const may = kind.endsWith('?');
    const type = types[kind.replace('?', '') as ColumnKind];
    return `${name} ${type}${may || kind === 'counter' ? '' : ' not null'}`;
  });
  if (table.primaryKey) lines.push(`primary key (${table.primaryKey.join(', ')})`);
  if (table.unique) lines.push(`unique (${table.unique.join(', ')})`);
  lines.push(...(more?.[table.name] ?? []));
  const indexes = Object.entries(table.indexes ?? {}).map(([name, columns]) => [name, columns.join(', ')]);
  if (indexesInside) lines.push(...indexes.map(([name, columns]) => `index ${name} (${columns})`));
  const create = `create table if not exists ${table.name} (${lines.join(', ')}) ${options ?? ''}`;
  if (indexesInside) return [create];
  return [
    create,
    ...indexes.map(([name, columns]) => `create index if not exists ${name} on ${table.name} (${columns})`),
  ];
}
