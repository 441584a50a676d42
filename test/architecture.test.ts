import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import {
  importCycles,
  isProjectFile,
  levelOf,
  measure,
  parseSource,
  readSources,
  type SourceFile,
  wrongImports,
} from '../scripts/structure.ts';

const ROOT = path.resolve(import.meta.dirname, '..');
const CORE = ['audio', 'events', 'call', 'records'];
/** The folder of each vendor. They do not import each other. */
const VENDORS = ['telephony/twilio/', 'openai/', 'object-store/s3/', 'catalogue/sql/', 'catalogue/dynamo/'];
/** Features of the same server that do not know each other. */
const FEATURES = ['api', 'desk', 'microphone', 'telephony'];

/** The folders that may import each outside package. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  '@aws-sdk/client-dynamodb': ['catalogue'],
  '@aws-sdk/client-s3': ['object-store'],
  '@aws-sdk/lib-dynamodb': ['catalogue'],
  '@aws-sdk/s3-request-presigner': ['object-store'],
  '@echogarden/fvad-wasm': ['audio'],
  'fourier-transform': ['audio'],
  '@echogarden/speex-resampler-wasm': ['audio'],
  alawmulaw: ['audio'],
  lamejs: ['audio'],
  libflacjs: ['audio'],
  'wasm-media-encoders': ['audio'],
  wavefile: ['audio'],
  undici: ['proxy'],
  'http-proxy-agent': ['proxy'],
  'https-proxy-agent': ['proxy'],
  twilio: ['telephony'],
  express: ['app', 'api', 'http', 'microphone', 'telephony'],
  'express-ws': ['http'],
  yaml: ['settings'],
  ws: ['cli', 'desk', 'http', 'microphone', 'openai', 'simulator', 'telephony'],
  pino: ['log.ts'],
  'pino-pretty': ['cli'],
  'damerau-levenshtein': ['settings'],
  piscina: ['workers'],
  'prom-client': ['app'],
  'libphonenumber-js': ['call'],
  n2words: ['call'],
  stopword: ['records'],
  zod: ['api', 'app', 'desk', 'http', 'microphone', 'openai', 'settings', 'telephony'],
  'zod-openapi': ['app'],
  multer: ['microphone'],
  'proxy-addr': ['http'],
  'lru-cache': ['http', 'telephony', 'cluster'],
  'p-retry': ['object-store'],
  'is-network-error': ['openai'],
  'eventsource-parser': ['openai'],
  '@wasm-audio-decoders/flac': ['audio'],
  '@wasm-audio-decoders/ogg-vorbis': ['audio'],
  'mpg123-decoder': ['audio'],
  'ogg-opus-decoder': ['audio'],
  commander: ['cli'],
  '@clack/prompts': ['cli'],
  yazl: ['cli'],
  kysely: ['catalogue'],
  // `storage` uses its lock on a file alone.
  libsql: ['catalogue', 'storage'],
  pg: ['catalogue'],
  mysql2: ['catalogue'],
  ioredis: ['cluster'],
  bullmq: ['cluster'],
  '@opentelemetry/api': ['app'],
};

/** Packages that run in browsers, and the tool that builds for them. */
const PAGE_PACKAGES = ['lit', 'redoc', 'swagger-ui-dist', 'uplot', 'vite', 'wavesurfer.js'];

const FILES = readSources();

function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** What `judge` finds in each file, with the file's name before it. */
function findings(judge: (source: SourceFile) => readonly string[]): string[] {
  return FILES.flatMap((source) => judge(source).map((found) => `${source.file}: ${found}`));
}

function uses(source: SourceFile, pattern: RegExp): string[] {
  // Comments and strings may name what the code does not use.
  const code = source.text
    .replace(/\/\*[\s\S]*?\*\/|(?<![:'"`])\/\/.*/g, '')
    .replace(/'(?:[^'\\\n]|\\.)*'/g, "''");
  return code.match(pattern) ?? [];
}

describe('the folders of src', () => {
  test('all have a level', () => {
    expect(FILES.filter(({ folder }) => levelOf(folder) === 0).map(({ file }) => file)).toEqual([]);
    expect(FILES.length).toBeGreaterThan(20);
    expect(FILES.flatMap(({ imports }) => imports).length).toBeGreaterThan(50);
  });

  test('import only folders of lower levels', () => {
    expect(wrongImports(FILES)).toEqual([]);
    const upward = parseSource('audio/x.ts', "import type { Call } from '../call/call.ts';");
    expect(wrongImports([upward])).toEqual(['audio/x.ts -> call/call.ts']);
  });

  test('contain no import cycles, including type-only imports', () => {
    expect(importCycles(FILES)).toEqual([]);
    const cycle = [
      { file: 'a.ts', imports: ['b.ts'] },
      { file: 'b.ts', imports: ['c.ts'] },
      { file: 'c.ts', imports: ['b.ts'] },
    ];
    expect(importCycles(cycle)).toEqual(['b.ts > c.ts > b.ts']);
  });

  test('keep vendors apart', () => {
    const vendorOf = (file: string) => VENDORS.find((vendor) => file.startsWith(vendor));
    const mixed = findings(({ file, imports }) => {
      const own = vendorOf(file);
      return imports.filter((each) => own !== undefined && (vendorOf(each) ?? own) !== own);
    });
    expect(mixed).toEqual([]);
  });

  test('keep the features of the server apart', () => {
    const mixed = findings(({ folder, imports }) =>
      FEATURES.includes(folder)
        ? imports.filter((each) => FEATURES.some((other) => other !== folder && each.startsWith(`${other}/`)))
        : [],
    );
    expect(mixed).toEqual([]);
  });

  test.each(measure(FILES).map((each) => [each.name, each] as const))(
    '%s: within the limit',
    (_name, found) => {
      expect(found.value > found.limit ? found.places : []).toEqual([]);
      expect(found.value).toBeLessThanOrEqual(found.limit);
    },
  );
});

describe('each dependency has one place', () => {
  test('outside packages are imported only in their folders', () => {
    const astray = findings(({ folder, imports }) =>
      imports.filter((each) => {
        if (isProjectFile(each) || each.startsWith('node:')) return false;
        return !HOMES[packageOf(each)]?.includes(folder);
      }),
    );
    expect(astray).toEqual([]);
  });

  test('only the command line reads the environment', () => {
    const readers = findings((source) => uses(source, /\bprocess\.env\b/g));
    expect(readers.filter((each) => !isCommandLine(each))).toEqual([]);
  });

  test('only the command line ends the process', () => {
    const enders = findings((source) => uses(source, /\bprocess\.(exit|abort|kill)\b/g));
    expect(enders.filter((each) => !isCommandLine(each))).toEqual([]);
  });
});

describe('the pages', () => {
  const pages = readdirSync(path.join(ROOT, 'pages'), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => ({ file, text: readFileSync(path.join(ROOT, 'pages', file), 'utf8') }));

  test('import values only from src/audio, and types from anywhere in src', () => {
    const taken = pages.flatMap(({ file, text }) =>
      [
        ...text.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from\s+'(?:\.\.\/)+src\/(?!audio\/)[^']*'/gmu),
      ].map(([found]) => `${file}: ${found}`),
    );
    expect(pages.length).toBeGreaterThan(8);
    expect(taken).toEqual([]);
  });

  test('use only the packages for pages', () => {
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
  const inCore = ({ folder }: SourceFile) => CORE.includes(folder);

  test('reads no clock, starts no timer and uses no random numbers', () => {
    const clocks =
      /\b(Date\.now|new Date\(\)|performance\.(now|timeOrigin)|process\.(hrtime|uptime)|setTimeout|setInterval|setImmediate|Math\.random)\b/g;
    expect(findings((source) => (inCore(source) ? uses(source, clocks) : []))).toEqual([]);
    expect(uses(parseSource('x.ts', 'const now = Date.now(); // never setTimeout'), clocks)).toEqual([
      'Date.now',
    ]);
  });

  test('uses no socket, process or thread', () => {
    const outside =
      /^(node:)?(net|http|https|http2|tls|dgram|dns|timers|worker_threads|child_process|cluster|perf_hooks)(\/|$)/;
    expect(
      findings((source) => (inCore(source) ? source.imports.filter((each) => outside.test(each)) : [])),
    ).toEqual([]);
  });
});

function isCommandLine(finding: string): boolean {
  return finding.startsWith('cli/offhook.ts: ');
}
