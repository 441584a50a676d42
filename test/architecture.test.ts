import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const ROOT = path.resolve(import.meta.dirname, '..');
const CORE = ['audio', 'turns', 'call', 'recording'];

/** What a folder may import besides itself. `app.ts` and the other roots are where everything meets. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  audio: [],
  turns: ['audio'],
  call: ['audio', 'turns'],
  recording: ['audio', 'turns', 'call'],
  installation: CORE,
  twilio: [...CORE, 'settings.ts', 'log.ts'],
  openai: [...CORE, 'settings.ts', 'log.ts'],
  store: [...CORE, 'settings.ts'],
  web: [...CORE, 'settings', 'settings.ts', 'log.ts'],
  catalogue: CORE,
  replay: [...CORE, 'log.ts'],
  settings: ['audio'],
  'settings.ts': ['settings'],
  // The commands: everything may meet there.
  cli: [],
  'log.ts': [],
};

/** What plays a call into the real server, and into the same parts under a virtual clock. */
const DOUBLES = ['replay/live-replay.ts', 'replay/virtual-call.ts'];

/** Files in which everything may meet: the roots, the commands, and what they play calls through. */
function isMeetingPlace(file: string): boolean {
  if (!file.includes('/')) return MAY_IMPORT[file] === undefined;
  return file.startsWith('cli/') || DOUBLES.includes(file);
}

/** Where each outside package lives. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-dynamodb': ['catalogue'],
  '@aws-sdk/client-s3': ['store'],
  '@aws-sdk/lib-dynamodb': ['catalogue'],
  '@aws-sdk/s3-request-presigner': ['store'],
  '@echogarden/fvad-wasm': ['turns'],
  '@echogarden/speex-resampler-wasm': ['audio'],
  alawmulaw: ['audio'],
  lamejs: ['audio'],
  libflacjs: ['audio'],
  'wasm-media-encoders': ['audio'],
  wavefile: ['audio'],
  openai: ['openai'],
  twilio: ['twilio'],
  express: [
    'app.ts',
    'http-routes.ts',
    'phone-doors.ts',
    'browser-phone.ts',
    'microphone-room.ts',
    'web',
    'twilio',
  ],
  'express-ws': ['web'],
  ws: ['browser-phone.ts', 'desk-office.ts', 'microphone-room.ts', 'twilio', 'web', 'replay'],
  pino: ['log.ts'],
  dotenv: ['settings.ts'],
  piscina: ['installation'],
  stopword: ['recording'],
  zod: ['web'],
  multer: ['web'],
  'proxy-addr': ['web'],
  commander: ['cli'],
  yazl: ['cli'],
  kysely: ['catalogue'],
  // In installation/ for its lock on a file alone.
  libsql: ['catalogue', 'installation'],
  pg: ['catalogue'],
  mysql2: ['catalogue'],
};

const packageJson = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
  scripts: Record<string, string>;
};
const COMMANDS = Object.values(packageJson.scripts).flatMap((script) => /src\/\S+\.ts/.exec(script) ?? []);

/** Packages that run in browsers, and the tool that builds for them. */
const PAGE_PACKAGES = ['alawmulaw', 'lit', 'uplot', 'vite', 'wavesurfer.js'];

interface SourceFile {
  /** Relative to src, with forward slashes. */
  readonly file: string;
  /** Its folder in src, or its own name where it stands at the root. */
  readonly place: string;
  readonly text: string;
  /** Type-only and dynamic ones too. Relative ones are relative to src. */
  readonly imports: readonly string[];
}

const FILES = readdirSync(path.join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll(path.sep, '/'))
  .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
  .map(readSource);

function readSource(file: string): SourceFile {
  const text = readFileSync(path.join(ROOT, 'src', file), 'utf8');
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? path.posix.join(path.posix.dirname(file), fileName) : fileName,
    );
  return { file, place: placeOf(file), text, imports };
}

function placeOf(file: string): string {
  return file.split('/')[0] ?? '';
}

function isOurs(specifier: string): boolean {
  return specifier.endsWith('.ts') || specifier.endsWith('.mjs');
}

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Whatever `judge` finds in each file, with the file's name before it. */
function findings(judge: (source: SourceFile) => readonly string[]): string[] {
  return FILES.flatMap((source) => judge(source).map((found) => `${source.file}: ${found}`));
}

function uses(source: SourceFile, pattern: RegExp): string[] {
  // Without comments and strings, which may speak of what they do not do.
  const code = source.text
    .replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*/g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  return code.match(pattern) ?? [];
}

describe('the picture of src', () => {
  test('every folder has its place in it', () => {
    const places = new Set(FILES.filter(({ file }) => file.includes('/')).map(({ place }) => place));
    expect([...places].filter((place) => MAY_IMPORT[place] === undefined)).toEqual([]);
    expect(FILES.length).toBeGreaterThan(20);
    expect(FILES.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
  });

  test('imports follow the arrows', () => {
    const against = findings(({ file, place, imports }) => {
      if (isMeetingPlace(file)) return [];
      const allowed = [place, ...(MAY_IMPORT[place] ?? [])];
      return imports.filter((each) => isOurs(each) && !allowed.includes(placeOf(each)));
    });
    expect(against).toEqual([]);
  });

  test('there are no import circles, of types neither', () => {
    const importsOf = new Map(FILES.map(({ file, imports }) => [file, imports.filter(isOurs)]));
    expect(circles(importsOf)).toEqual([]);
  });

  test('a circle would be found', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['b']],
    ]);
    expect(circles(graph)).toEqual(['b > c > b']);
  });
});

describe('each thing has one home', () => {
  test('outside packages are imported in their homes alone', () => {
    const astray = findings(({ place, imports }) =>
      imports.filter((each) => {
        if (isOurs(each) || each.startsWith('node:')) return false;
        return !HOMES[packageOf(each)]?.includes(place);
      }),
    );
    expect(astray).toEqual([]);
  });

  test('the environment is read by the command line alone and handed on', () => {
    const readers = findings((source) => uses(source, /\bprocess\.env\b/g));
    expect(readers.filter((each) => !isCommand(each))).toEqual([]);
  });

  test('the process is ended by the command line alone', () => {
    const enders = findings((source) => uses(source, /\bprocess\.(exit|abort|kill)\b/g));
    expect(enders.filter((each) => !isCommand(each))).toEqual([]);
  });
});

describe('the pages', () => {
  const pages = readdirSync(path.join(ROOT, 'pages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, 'pages', file), 'utf8') }));

  test('take nothing of the server but the types of what it says', () => {
    const taken = pages.flatMap(({ file, text }) =>
      [...text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from\s+'(?:\.\.\/)+src\/[^']*'/gmu)].map(
        ([found]) => `${file}: ${found}`,
      ),
    );
    expect(pages.length).toBeGreaterThan(8);
    expect(taken).toEqual([]);
  });

  test('use no packages but those for pages', () => {
    const used = pages.flatMap(({ file, text }) =>
      ts
        .preProcessFile(text, true, true)
        .importedFiles.map(({ fileName }) => fileName)
        .filter((each) => !each.startsWith('.') && !(each.startsWith('node:') && file === 'vite.config.ts'))
        .filter((each) => !PAGE_PACKAGES.includes(packageOf(each)))
        .map((each) => `${file}: ${each}`),
    );
    expect(used).toEqual([]);
  });
});

describe('the core', () => {
  const inCore = ({ place }: SourceFile) => CORE.includes(place);

  test('reads no clock, starts no timer and rolls no dice', () => {
    const clocks =
      /\b(Date\.now|new Date\(\)|performance\.(now|timeOrigin)|process\.(hrtime|uptime)|setTimeout|setInterval|setImmediate|Math\.random)\b/g;
    expect(findings((source) => (inCore(source) ? uses(source, clocks) : []))).toEqual([]);
    expect(uses(readText('const now = Date.now(); // never setTimeout'), clocks)).toEqual(['Date.now']);
  });

  test('touches no socket, no process and no thread', () => {
    const outside =
      /^(node:)?(net|http|https|http2|tls|dgram|dns|timers|worker_threads|child_process|cluster|perf_hooks)(\/|$)/;
    expect(
      findings((source) => (inCore(source) ? source.imports.filter((each) => outside.test(each)) : [])),
    ).toEqual([]);
  });
});

function readText(text: string): SourceFile {
  return { file: 'x.ts', place: 'x', text, imports: [] };
}

function isCommand(finding: string): boolean {
  return COMMANDS.some((command) => finding.startsWith(`${command.slice('src/'.length)}: `));
}

/** Each circle once, as a path. */
function circles(importsOf: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) {
      found.push([...trail.slice(trail.indexOf(file)), file].join(' > '));
      return;
    }
    if (done.has(file)) return;
    for (const each of importsOf.get(file) ?? []) visit(each, [...trail, file]);
    done.add(file);
  };
  for (const file of importsOf.keys()) visit(file, []);
  return found;
}
