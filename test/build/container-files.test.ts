import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SETTING_TABLE } from '../../src/settings/table.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const DOCKERFILE = readFileSync(path.join(ROOT, 'Dockerfile'), 'utf8').replaceAll('\\\n', ' ');
/** Packages that the running server uses if they are there. */
const KEPT = ['bufferutil'];

/** The paths that `COPY` takes from the checkout. */
function copiedFiles(): string[] {
  return [...DOCKERFILE.matchAll(/^COPY (?!--from)(.+) \S+$/gmu)].flatMap(([, names = '']) =>
    names.split(' '),
  );
}

test('the image copies existing files that .dockerignore does not exclude', () => {
  const admitted = readFileSync(path.join(ROOT, '.dockerignore'), 'utf8').match(/(?<=^!).+$/gmu) ?? [];
  const copied = copiedFiles();
  expect(copied.length).toBeGreaterThan(8);
  expect(copied.filter((name) => !existsSync(path.join(ROOT, name)))).toEqual([]);
  expect([...copied].sort()).toEqual([...admitted].sort());
});

test('the image removes all build packages', () => {
  const { optionalDependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
    optionalDependencies: Readonly<Record<string, string>>;
  };
  const removed = [...DOCKERFILE.matchAll(/optionalDependencies(?:\.(\S+)|\[([^\]]+)\])/gu)].map(
    ([, plain, inBrackets]) => plain ?? inBrackets,
  );
  const tools = Object.keys(optionalDependencies).filter((name) => !KEPT.includes(name));
  expect(removed.sort()).toEqual(tools.sort());
});

test('the image runs as an unprivileged user, has a health check, and is stopped by SIGTERM', () => {
  const final = DOCKERFILE.slice(DOCKERFILE.lastIndexOf('\nFROM '));
  expect(final).toMatch(/^USER node$/mu);
  expect(final).toMatch(/^HEALTHCHECK .*\/health/mu);
  expect(final).toMatch(/^STOPSIGNAL SIGTERM$/mu);
  expect(final).toMatch(/^VOLUME \["\/data\/responses", "\/data\/recordings"\]$/mu);
});

const SERVICE = readFileSync(path.join(ROOT, 'deploy/offhook.service'), 'utf8');
const COMPOSE = readFileSync(path.join(ROOT, 'compose.yaml'), 'utf8');
const [COMMENTS = '', SERVICES = '', VOLUMES = ''] = COMPOSE.split(/^(?:services|volumes):$/mu);

/** The services by name, each with the text of its block. */
const services = new Map(
  SERVICES.split(/^ {2}(?=\S)/mu)
    .filter((block) => block.trim() !== '')
    .map((block) => [block.slice(0, block.indexOf(':')), block]),
);
/** The entries of a list in a service's block, in either notation. */
function listOf(block: string, key: string): string[] {
  const [, inline, lines = ''] =
    new RegExp(`^ {4}${key}:(?: \\[(.*)\\])?\\n((?: {6}- .*\\n)*)`, 'mu').exec(block) ?? [];
  return inline?.split(', ') ?? [...lines.matchAll(/- '?([^'\n]+)/gu)].map(([, entry]) => entry!);
}
const namesOf = (text: string, pattern: RegExp): string[] => [
  ...new Set([...text.matchAll(pattern)].map(([, name]) => name!)),
];

test('every service of compose.yaml has an image or a build, and all but offhook belong to a described profile', () => {
  expect(services.size).toBeGreaterThan(4);
  for (const [name, block] of services) {
    expect(block.match(/^ {4}(?:image|build): \S+$/gmu), name).toHaveLength(1);
    expect(listOf(block, 'profiles').length > 0, name).toBe(name !== 'offhook');
    for (const other of listOf(block, 'depends_on'))
      expect(listOf(services.get(other) ?? '', 'profiles'), other).toEqual(listOf(block, 'profiles'));
  }
  const profiles = [...new Set([...services.values()].flatMap((block) => listOf(block, 'profiles')))];
  expect(namesOf(COMMENTS, /--profile (\w+)/gu).sort()).toEqual(profiles.sort());
});

test('compose.yaml declares exactly the volumes that its services mount', () => {
  const mounted = [...services.values()].flatMap((block) => listOf(block, 'volumes'));
  expect(mounted.map((mount) => mount.split(':')[0]).sort()).toEqual(
    namesOf(VOLUMES, /^ {2}(\w+):$/gmu).sort(),
  );
  const directories = listOf(services.get('offhook')!, 'volumes').map((mount) => mount.split(':')[1]!);
  expect(DOCKERFILE).toContain(`VOLUME ${JSON.stringify(directories).replace(',', ', ')}`);
});

test('the settings in compose.yaml, the image and the systemd service exist, and their addresses name services', () => {
  const known = SETTING_TABLE.map(({ name }) => name as string);
  const named = namesOf(COMMENTS, /^# {3}([A-Z0-9_]+)=/gmu);
  expect(named.length).toBeGreaterThan(8);
  const inImage = namesOf(DOCKERFILE, /([A-Z_]+_DIRECTORY)=/gu);
  const inService = namesOf(SERVICE, /^Environment=([A-Z_]+_DIRECTORY)=/gmu);
  expect(inService).toEqual(inImage);
  expect([...named, ...inImage].filter((name) => !known.includes(name))).toEqual([]);
  const hosts = namesOf(COMMENTS, /=(?:http|postgres):\/\/(?:[^@\s]*@)?(\w+)[:/]/gu);
  expect(hosts.filter((host) => !services.has(host))).toEqual([]);
});

test('a container and the systemd service are given longer to stop than live calls are to finish', () => {
  const drain = SETTING_TABLE.find(({ name }) => name === 'DRAIN_SECONDS')!;
  const [, graceSeconds] = /stop_grace_period: (\d+)s/u.exec(services.get('offhook')!)!;
  const [, stopSeconds] = /^TimeoutStopSec=(\d+)$/mu.exec(SERVICE)!;
  for (const seconds of [graceSeconds, stopSeconds])
    expect(Number(seconds)).toBeGreaterThan(Number(drain.setting.default) + 10);
});
