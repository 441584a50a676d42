import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** The tiers that need programs outside node_modules. */
export type ToolTier = 'external' | 'browser' | 'realtime';

export interface Tool {
  /** Any of these programs is sufficient. */
  readonly programs: readonly string[];
  readonly debianPackage: string;
}

export const CHROMIUM_PROGRAMS = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
] as const;

const tool = (debianPackage: string, ...programs: string[]): Tool => ({ programs, debianPackage });

const FFMPEG = [tool('ffmpeg', 'ffmpeg'), tool('ffmpeg', 'ffprobe')];
const SOX = [tool('sox', 'sox'), tool('sox', 'soxi')];
const POSTGRES = [tool('postgresql', 'postgres'), tool('postgresql', 'initdb')];
const CHROMIUM = [tool('chromium', ...CHROMIUM_PROGRAMS)];

const TOOLS: Readonly<Record<ToolTier, readonly Tool[]>> = {
  external: [
    ...FFMPEG,
    ...SOX,
    tool('flac', 'flac'),
    tool('flac', 'metaflac'),
    tool('vorbis-tools', 'oggdec'),
    tool('vorbis-tools', 'ogginfo'),
    tool('lame', 'lame'),
    tool('util-linux', 'prlimit'),
    tool('mount', 'mount'),
    tool('mount', 'losetup'),
    tool('exfatprogs', 'mkfs.exfat'),
    tool('exfat-fuse', 'mount.exfat-fuse'),
    tool('bsdutils', 'script'),
    tool('openssl', 'openssl'),
    ...POSTGRES,
    tool('mariadb-server', 'mariadbd'),
    tool('mariadb-server', 'mariadb-install-db'),
    tool('redis-server', 'redis-server'),
    tool('caddy', 'caddy'),
  ],
  browser: [...CHROMIUM, ...FFMPEG],
  realtime: [
    ...CHROMIUM,
    ...FFMPEG,
    ...SOX,
    tool('redis-server', 'redis-server'),
    ...POSTGRES,
    tool('iproute2', 'ip'),
    tool('nftables', 'nft'),
  ],
};

export const TOOL_TIERS = Object.keys(TOOLS) as readonly ToolTier[];

const POSTGRES_VERSIONS = '/usr/lib/postgresql';

/** The path of a program. Debian installs some servers outside the usual PATH. */
export function programPath(program: string): string | undefined {
  const versions = existsSync(POSTGRES_VERSIONS) ? readdirSync(POSTGRES_VERSIONS) : [];
  const postgres = versions.map((version) => path.join(POSTGRES_VERSIONS, version, 'bin'));
  const folders = [
    ...(process.env['PATH'] ?? '').split(':'),
    '/usr/sbin',
    '/sbin',
    '/usr/local/sbin',
    ...postgres,
  ];
  return folders.map((folder) => path.join(folder, program)).find((file) => existsSync(file));
}

/** The path of the first of the programs that is installed. */
export function requiredProgram(...programs: readonly string[]): string {
  const found = programs.map(programPath).find((file) => file !== undefined);
  if (found === undefined) throw new Error(`${programs[0]} is not installed: run \`npm run test:setup\`.`);
  return found;
}

export function missingTools(tier: ToolTier): readonly Tool[] {
  return TOOLS[tier].filter(({ programs }) =>
    programs.every((program) => programPath(program) === undefined),
  );
}

/** One sentence that names the missing tools of a tier and how to install them; undefined if none is missing. */
export function missingToolsSentence(tier: ToolTier): string | undefined {
  const missing = missingTools(tier).map(({ programs }) => programs[0]);
  if (missing.length === 0) return undefined;
  return `The ${tier} tests need ${missing.join(', ')}: install with \`npm run test:setup\`.`;
}
