import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Profiler } from 'node:inspector';
import type { ThreadProfile } from './thread-profiler.ts';

/** CPU time of one function of one thread. */
export interface FunctionTime {
  readonly thread: string;
  /** A source file, a package, `node` or `V8`. */
  readonly module: string;
  readonly name: string;
  /** Without the functions that it calls. */
  readonly ms: number;
  /** With the functions that it calls. */
  readonly totalMs: number;
}

/** The bundler's comments before each module of a file. */
const MODULE_COMMENT = /^\s*\/\/ (\S+\.(?:[cm]?[jt]s))$/u;

/** CPU times by thread and function, largest first. Idle time is left out. */
export function functionTimes(profiles: readonly ThreadProfile[]): FunctionTime[] {
  const modules = new BundledModules();
  return profiles
    .flatMap(({ thread, profile }) => timesOf(path.basename(thread), profile, modules))
    .sort((one, other) => other.ms - one.ms);
}

function timesOf(thread: string, profile: Profiler.Profile, modules: BundledModules): FunctionTime[] {
  const selfUs = new Map<number, number>();
  profile.samples?.forEach((node, index) => {
    selfUs.set(node, (selfUs.get(node) ?? 0) + (profile.timeDeltas?.[index] ?? 0));
  });
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const times = new Map<string, { -readonly [Field in keyof FunctionTime]: FunctionTime[Field] }>();
  /** Returns the time of the node and of what it calls; `callers`: the functions above it. */
  const add = (id: number, callers: ReadonlySet<string>): number => {
    const { callFrame, children = [] } = nodes.get(id)!;
    const name = callFrame.functionName || '(anonymous)';
    if (name === '(idle)') return 0;
    const module = modules.at(callFrame.url, callFrame.lineNumber);
    const key = `${module} ${name} ${callFrame.lineNumber}`;
    const ms = (selfUs.get(id) ?? 0) / 1_000;
    const below = new Set(callers).add(key);
    const totalMs = children.reduce((sum, child) => sum + add(child, below), ms);
    const time = times.get(key) ?? { thread, module, name, ms: 0, totalMs: 0 };
    time.ms += ms;
    if (!callers.has(key)) time.totalMs += totalMs;
    times.set(key, time);
    return totalMs;
  };
  add(profile.nodes[0]!.id, new Set());
  return [...times.values()];
}

/** Which source file a line of a built file comes from. */
class BundledModules {
  readonly #modules = new Map<string, readonly string[]>();

  at(url: string, line: number): string {
    if (url.startsWith('node:')) return 'node';
    if (url === '') return 'V8';
    const dependency = /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(url)?.[1];
    if (dependency !== undefined) return dependency;
    if (!url.startsWith('file:') || !url.includes('/dist/')) return path.basename(url);
    return this.#of(fileURLToPath(url))[line] ?? path.basename(url);
  }

  #of(file: string): readonly string[] {
    const known = this.#modules.get(file);
    if (known) return known;
    let module = path.basename(file);
    const modules = readFileSync(file, 'utf8')
      .split('\n')
      .map((line) => (module = MODULE_COMMENT.exec(line)?.[1] ?? module));
    this.#modules.set(file, modules);
    return modules;
  }
}
