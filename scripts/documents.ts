/** Writes `docs/settings.md`, `docs/routes.md`, `.env.example` and `audio_config.env` from the tables in the code. */
import { writeFileSync } from 'node:fs';
import { ALL_ROUTES } from '../src/app/openapi/all-routes.ts';
import { openApiDocument } from '../src/app/openapi/openapi-document.ts';
import { SOCKETS } from '../src/app/openapi/socket-descriptions.ts';
import { SETTING_TABLE, type SettingRow } from '../src/settings/table.ts';

const WIDTH = 96;
const GENERATED = '<!-- Written by `npm run documents`. Do not edit. -->\n<!-- prettier-ignore-start -->';
const GENERATED_END = '<!-- prettier-ignore-end -->';

/** `docs/settings.md`: every setting with its default and its meaning. */
export function settingsDocument(): string {
  const groups = byGroup(SETTING_TABLE).map(([group, rows]) =>
    [`## ${group}`, ...rows.map(settingEntry)].join('\n\n'),
  );
  const heading = [
    '# Settings',
    GENERATED,
    'The process environment overrides `.env`, which overrides [audio_config.env](../audio_config.env), which overrides the\ndefaults. All settings are checked at start, and all errors are shown at once. An empty value means the default; an empty\n`ADMIN_PASSWORD` or `API_TOKEN` is refused. Names that end in `_MS` are milliseconds.',
  ];
  return `${[...heading, ...groups, GENERATED_END].join('\n\n')}\n`;
}

function settingEntry({ name, setting }: SettingRow): string {
  const standard = setting.default === null ? 'no default' : `default \`${setting.default}\``;
  return [`- \`${name}\` (${standard})`, ...wrapped(setting.help, WIDTH).map((line) => `  ${line}`)].join(
    '\n',
  );
}

interface Operation {
  readonly summary: string;
  readonly tags: readonly string[];
  readonly security: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly description?: string;
  }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

/** `docs/routes.md`: every route, from the OpenAPI description. */
export function routesDocument(): string {
  const document = openApiDocument('', ALL_ROUTES) as {
    readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  };
  const byTag = new Map<string, string[]>();
  for (const [path, operations] of Object.entries(document.paths))
    for (const [method, operation] of Object.entries(operations)) {
      const tag = operation.tags[0] ?? '';
      byTag.set(tag, [
        ...(byTag.get(tag) ?? []),
        routeEntry(method, path, { ...operation, summary: summaryOf(method, path) }),
      ]);
    }
  const sockets = SOCKETS.map(({ path, summary }) => listed(`\`WS ${path}\``, [summary]));
  return `${[
    '# Routes',
    GENERATED,
    '`GET /docs` shows the same with schemas and a form to try each route, `GET /redoc` as a reference to read.\n`GET /openapi.json` is the OpenAPI 3.1 description of the routes, `GET /asyncapi.json` the AsyncAPI 3.0 description of the WebSockets.\nErrors are `application/problem+json` (RFC 9457).',
    ACCESS,
    ...[...byTag].map(([tag, entries]) => [`## ${tag}`, ...entries].join('\n\n')),
    ['## WebSockets', ...sockets].join('\n\n'),
    GENERATED_END,
  ].join('\n\n')}\n`;
}

/** With the backticks that the OpenAPI document does not have. */
function summaryOf(method: string, path: string): string {
  const found = ALL_ROUTES.find(
    (route) => route.method === method && route.path.replace(/:(\w+)/gu, '{$1}') === path,
  );
  return found?.summary ?? '';
}

const ACCESS = `## Access

With \`ADMIN_PASSWORD\`, everyone logs in at \`/login\`, also on this machine. Programs send \`API_TOKEN\` as
\`Authorization: Bearer …\`; it always admits. Telephone routes accept requests that Twilio signed.

Without \`PUBLIC_URL\` and \`TWILIO_AUTH_TOKEN\`, a request from this machine is _local_: it needs no login (unless a password
is set), and it may use the telephone routes, as simulators do. With a \`PUBLIC_URL\` that is not loopback, or with
\`TWILIO_AUTH_TOKEN\`, **no** request is local, because a proxy on this machine can make every request look local. Without
\`ADMIN_PASSWORD\`, only signed telephone routes and the status at \`/health\` are then served. A request with a forwarding
header (\`X-Forwarded-For\`, \`Via\` and similar) is never local. Requests that a browser sends for a page of another site are
refused; a link to a page works.

A proxy must pass the \`Host\` that the browser asked for, or \`X-Forwarded-Host\`; otherwise \`PUBLIC_URL\` tells the address of
the pages. Failed logins are counted per address; behind a proxy on this machine, by the last address in
\`X-Forwarded-For\`.`;

function routeEntry(method: string, path: string, { summary, security, parameters = [] }: Operation): string {
  const signed = security.some((one) => 'twilio' in one);
  const access = signed ? 'Signed by Twilio.' : security.length === 0 ? 'Public.' : '';
  const query = parameters.filter((one) => one.in === 'query').map(({ name }) => `\`${name}\``);
  const notes = [
    summary.endsWith('.') ? summary : `${summary}.`,
    access,
    query.length > 0 ? `Query: ${query.join(', ')}.` : '',
  ];
  return listed(`\`${method.toUpperCase()} ${path}\``, [notes.filter((note) => note !== '').join(' ')]);
}

function listed(title: string, texts: readonly string[]): string {
  return [`- ${title}`, ...texts.flatMap((text) => wrapped(text, WIDTH)).map((line) => `  ${line}`)].join(
    '\n',
  );
}

/** Defaults are comments, so that a copied file does not override them when a later version changes one. */
export function envExample(): string {
  const heading = [
    '# Copy this file to .env, remove the # before what you need, and fill it in; every setting is optional.',
    '# The process environment overrides this file; this file overrides audio_config.env.',
  ];
  return written(heading, '.env', ({ name, setting }) =>
    setting.default === null ? `#${name}=` : `#${name}=${quoted(setting.default)}`,
  );
}

export function audioConfig(): string {
  const heading = [
    '# Recording and conversation flow. These are the defaults; times are milliseconds.',
    '# .env overrides this file; the process environment overrides both.',
  ];
  return written(
    heading,
    'audio_config.env',
    ({ name, setting }) => `${name}=${quoted(setting.default ?? '')}`,
  );
}

function written(heading: string[], file: SettingRow['file'], line: (row: SettingRow) => string): string {
  const lines = [...heading];
  for (const [group, rows] of byGroup(SETTING_TABLE.filter((row) => row.file === file))) {
    lines.push('', `# --- ${group} ---`);
    for (const row of rows)
      lines.push('', ...wrapped(row.setting.help).map((part) => `# ${part}`), line(row));
  }
  return `${lines.join('\n')}\n`;
}

function byGroup(rows: readonly SettingRow[]): [string, SettingRow[]][] {
  const groups = new Map<string, SettingRow[]>();
  for (const row of rows) groups.set(row.group, [...(groups.get(row.group) ?? []), row]);
  return [...groups];
}

function quoted(value: string): string {
  return value.includes(' ') ? `"${value}"` : value;
}

function wrapped(text: string, width = 100): string[] {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = word;
    else if (last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

if (process.argv[1] === import.meta.filename) {
  const root = new URL('../', import.meta.url);
  writeFileSync(new URL('docs/settings.md', root), settingsDocument());
  writeFileSync(new URL('docs/routes.md', root), routesDocument());
  writeFileSync(new URL('.env.example', root), envExample());
  writeFileSync(new URL('audio_config.env', root), audioConfig());
}
