/** Writes the settings table of the README, `.env.example` and `audio_config.env` from the one table in the code. */
import { readFileSync, writeFileSync } from 'node:fs';
import { SETTING_TABLE, type SettingRow } from '../src/settings/table.ts';

// Prettier would pad every cell to the longest sentence.
const BEGIN = '<!-- settings: written by scripts/settings-documents.ts -->\n<!-- prettier-ignore-start -->';
const END = '<!-- prettier-ignore-end -->';

export function readmeWithTable(readme: string): string {
  const [before, rest] = readme.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined)
    throw new Error('The README has no place for the settings.');
  return `${before}${BEGIN}\n\n${table()}\n\n${END}${after}`;
}

function table(): string {
  return byGroup(SETTING_TABLE)
    .map(([group, rows]) => {
      const lines = rows.map(({ name, setting }) => {
        const help = setting.help.replaceAll('|', '\\|');
        return `| \`${name}\` | ${shownDefault(setting.standard)} | ${help} |`;
      });
      return [
        `**${group}**`,
        '',
        '| Setting | Default | What it does |',
        '| --- | --- | --- |',
        ...lines,
      ].join('\n');
    })
    .join('\n\n');
}

function shownDefault(standard: string | null): string {
  if (standard === null) return '';
  return standard.length > 60 ? 'see `.env.example`' : `\`${standard}\``;
}

/** Defaults are comments, so that a copied file does not hold on to them when a later version changes one. */
export function envExample(): string {
  const heading = [
    '# Copy this file to .env and fill in what you need: every setting may be left out.',
    "# The process's environment goes before this file, this file before audio_config.env.",
  ];
  return written(heading, '.env', ({ name, setting }) =>
    setting.standard === null ? `${name}=` : `#${name}=${quoted(setting.standard)}`,
  );
}

export function audioConfig(): string {
  const heading = [
    '# How calls are recorded and how a conversation flows. These are the defaults; times are milliseconds.',
    "# .env goes before this file, the process's environment before both.",
  ];
  return written(
    heading,
    'audio_config.env',
    ({ name, setting }) => `${name}=${quoted(setting.standard ?? '')}`,
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
  const readme = new URL('README.md', root);
  writeFileSync(readme, readmeWithTable(readFileSync(readme, 'utf8')));
  writeFileSync(new URL('.env.example', root), envExample());
  writeFileSync(new URL('audio_config.env', root), audioConfig());
}
