import { SETTING_TABLE, type SettingName, type SettingRow, type SettingValues } from './table.ts';
import { probableValue } from './typo-hints.ts';
import { password } from './value-types.ts';

/** Names and values of a process environment or of a parsed `.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Who knows the value of one of these is admitted: neither a part of it nor an empty text may admit anybody. */
export const ADMITTING: ReadonlySet<string> = new Set(['ADMIN_PASSWORD', 'API_TOKEN']);

export interface Checked {
  /** Without the refused ones. */
  readonly values: Partial<SettingValues>;
  readonly refused: ReadonlySet<SettingName>;
  /** One sentence for each refused value, saying what would be accepted. */
  readonly errors: readonly string[];
}

/** Keys and passwords are never printed or logged, invalid ones neither. Addresses of databases and proxies contain them. */
export function isPrivate(name: string): boolean {
  return /_KEY$|_TOKEN$|PASSWORD$|^DATABASE_URL$|^(HTTPS?|ALL)_PROXY$/.test(name);
}

/** The text with user name and password of an address masked. A mistyped address may have a `/` in its password, or no scheme. */
function withoutCredentials(text: string): string {
  return text.replace(/^([a-z][a-z0-9+.-]*:\/+)?.*@/isu, '$1***@');
}

/** Control characters as they are written in a settings file: a line feed as `\n`. */
function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, (character) => JSON.stringify(character).slice(1, -1));
}

function sentence({ name, setting }: SettingRow, text: string): string {
  const given = isPrivate(name) ? 'is not readable' : `is "${printable(withoutCredentials(text))}"`;
  const nearest = isPrivate(name) ? undefined : probableValue(setting.type, text);
  const hint = nearest === undefined ? '' : ` Did you mean ${nearest}?`;
  return `${name} ${given}; it must be ${setting.type.accepts}.${hint}`;
}

function emptySentence(name: string): string {
  return `${name} is empty, which protects nothing; set it to a long text, or remove its line.`;
}

/** Reads every setting from the first layer that contains it; an empty text means the default. */
export function checkEach(layers: readonly Environment[]): Checked {
  const values: Record<string, unknown> = {};
  const refused = new Set<SettingName>();
  const errors: string[] = [];
  for (const row of SETTING_TABLE) {
    const written = layers.map((layer) => layer[row.name]).find((each) => each !== undefined);
    if (written?.trim() === '' && ADMITTING.has(row.name)) {
      refused.add(row.name);
      errors.push(emptySentence(row.name));
      continue;
    }
    const text = textOf(row, written);
    if (text === null) continue;
    const { success, data } = row.setting.type.schema.safeParse(text);
    if (success) values[row.name] = data;
    else {
      refused.add(row.name);
      errors.push(sentence(row, text));
    }
  }
  return { values, refused, errors };
}

/** White space around a value has no meaning, except in a password: a shorter one than the one written must not be accepted. */
function textOf({ setting }: SettingRow, written = ''): string | null {
  const trimmed = written.trim();
  if (trimmed === '') return setting.default;
  return setting.type === password ? written : trimmed;
}
