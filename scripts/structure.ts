/** Counts the structure of `src/`: folders, levels, arrows, sizes. `npm run structure` prints it; the architecture test enforces the limits. */
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const ROOT = path.resolve(import.meta.dirname, '..');

/** The folders of `src/`, from the lowest level to the highest. A folder may import only folders of lower levels. */
export const LEVELS: readonly (readonly string[])[] = [
  ['audio', 'storage', 'log.ts'],
  ['events', 'settings', 'proxy'],
  ['call', 'journal', 'http'],
  ['records', 'telephony', 'openai', 'smart-turn'],
  ['catalogue', 'object-store', 'desk', 'recovery', 'simulator', 'cluster'],
  ['api', 'microphone', 'retention', 'workers'],
  ['app'],
  ['cli'],
];

/** A source file of `src/`, parsed. */
export interface SourceFile {
  /** Relative to `src/`, with forward slashes. */
  readonly file: string;
  /** The top folder in `src/`, or the file's own name at the root. */
  readonly folder: string;
  readonly text: string;
  readonly tree: ts.SourceFile;
  /** All imports, type-only and dynamic ones too. Relative ones are relative to `src/`. */
  readonly imports: readonly string[];
}

/** One measured quantity with its limit. `places` lists the counted places. */
export interface Measure {
  readonly name: string;
  readonly value: number;
  readonly limit: number;
  readonly places: readonly string[];
}

/** Reads and parses every TypeScript file of `src/` except declaration files. */
export function readSources(root: string = path.join(ROOT, 'src')): SourceFile[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll(path.sep, '/'))
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
    .sort()
    .map((file) => parseSource(file, readFileSync(path.join(root, file), 'utf8')));
}

export function parseSource(file: string, text: string): SourceFile {
  const imports = ts
    .preProcessFile(text, true, true)
    .importedFiles.map(({ fileName }) =>
      fileName.startsWith('.') ? path.posix.join(path.posix.dirname(file), fileName) : fileName,
    );
  const tree = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  return { file, folder: topFolder(file), text, tree, imports };
}

export function topFolder(file: string): string {
  return file.split('/')[0] ?? '';
}

/** True for an import of a file of this project. */
export function isProjectFile(specifier: string): boolean {
  return /\.(ts|mjs)$/.test(specifier);
}

/** The level of a folder, from 1; 0 if the folder is not in the table. */
export function levelOf(folder: string): number {
  return LEVELS.findIndex((folders) => folders.includes(folder)) + 1;
}

/** Imports that do not go to a lower level, as `file -> imported file`. */
export function wrongImports(sources: readonly SourceFile[]): string[] {
  return crossings(sources)
    .filter(({ from, to }) => levelOf(to.folder) >= levelOf(from.folder))
    .map(({ from, to }) => `${from.file} -> ${to.file}`);
}

interface Crossing {
  readonly from: { readonly file: string; readonly folder: string };
  readonly to: { readonly file: string; readonly folder: string };
}

function crossings(sources: readonly SourceFile[]): Crossing[] {
  return sources.flatMap(({ file, folder, imports }) =>
    imports
      .filter(isProjectFile)
      .map((target) => ({ from: { file, folder }, to: { file: target, folder: topFolder(target) } }))
      .filter(({ to }) => to.folder !== folder),
  );
}

/** Every measure of the structure. */
export function measure(sources: readonly SourceFile[] = readSources()): Measure[] {
  const arrows = new Set(crossings(sources).map(({ from, to }) => `${from.folder} -> ${to.folder}`));
  const folders = new Set(sources.map(({ folder }) => folder));
  const wrong = wrongImports(sources);
  const perFolder = count(sources.map(({ file }) => path.posix.dirname(file)));
  const lines = sources.map(({ file, text }) => [text.split('\n').length - 1, file] as const);
  const classes = sources.flatMap(classesOf);
  const options = constructorOptions(sources);
  const spreads = sources.flatMap(optionSpreads);
  const twice = exportedTwice(sources);
  const cycles = importCycles(sources);
  return [
    listed(
      'files at the root of src/',
      1,
      sources.filter(({ file }) => !file.includes('/')).map(({ file }) => file),
    ),
    listed('folders of src/', 25, [...folders]),
    { name: 'levels', value: LEVELS.length, limit: 8, places: [] },
    listed('arrows between folders', 145, [...arrows]),
    listed('imports that do not go down', 0, wrong),
    listed('import cycles', 0, cycles),
    largest('lines of the largest file', 250, lines),
    largest('files in one folder', 20, perFolder),
    largest(
      "members of a constructor's options",
      8,
      options.map(({ name, members }) => [members, name]),
    ),
    listed(
      'function members of constructor options',
      30,
      options.flatMap(({ functions }) => functions),
    ),
    listed('conditional and literal object spreads', 40, spreads),
    largest(
      'mutable fields of a class',
      6,
      classes.map(({ name, mutable }) => [mutable, name]),
    ),
    listed('exported names defined twice', 0, twice),
  ];
}

function listed(name: string, limit: number, places: readonly string[]): Measure {
  return { name, value: places.length, limit, places };
}

function largest(name: string, limit: number, entries: readonly (readonly [number, string])[]): Measure {
  const sorted = [...entries].sort(([a], [b]) => b - a);
  const shown = sorted.filter(([value], place) => value > limit || place < 3);
  return {
    name,
    value: sorted[0]?.[0] ?? 0,
    limit,
    places: shown.map(([value, what]) => `${value} ${what}`),
  };
}

function count(names: readonly string[]): (readonly [number, string])[] {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return [...counts].map(([name, value]) => [value, name] as const);
}

function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => walk(child, visit));
}

interface ClassFacts {
  readonly name: string;
  readonly mutable: number;
}

function classesOf({ file, tree }: SourceFile): ClassFacts[] {
  const found: ClassFacts[] = [];
  walk(tree, (node) => {
    if (!ts.isClassDeclaration(node)) return;
    const mutable = node.members.filter(
      (member) =>
        ts.isPropertyDeclaration(member) &&
        !member.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword),
    );
    found.push({ name: `${file} ${node.name?.text ?? ''}`, mutable: mutable.length });
  });
  return found;
}

interface OptionsFacts {
  readonly name: string;
  readonly members: number;
  readonly functions: readonly string[];
}

/**
 * The arguments of constructors and factories: interfaces named `…Options`, `…Parts`, `…Dependencies` or `…Context`.
 */
const OPTIONS_NAME = /(Options|Parts|Dependencies|Context)$/;

function constructorOptions(sources: readonly SourceFile[]): OptionsFacts[] {
  const found: OptionsFacts[] = [];
  for (const { tree } of sources) {
    walk(tree, (node) => {
      if (!ts.isInterfaceDeclaration(node) || !OPTIONS_NAME.test(node.name.text)) return;
      const name = node.name.text;
      const functions = node.members
        .filter(isFunctionMember)
        .map((member) => `${name}.${member.name?.getText() ?? ''}`);
      found.push({ name, members: node.members.length, functions });
    });
  }
  return found;
}

function isFunctionMember(member: ts.TypeElement): boolean {
  if (ts.isMethodSignature(member)) return true;
  if (!ts.isPropertySignature(member) || member.type === undefined) return false;
  return isFunctionType(member.type);
}

function isFunctionType(type: ts.TypeNode): boolean {
  if (ts.isFunctionTypeNode(type)) return true;
  if (ts.isParenthesizedTypeNode(type)) return isFunctionType(type.type);
  return ts.isUnionTypeNode(type) && type.types.some(isFunctionType);
}

/** `...(x && { x })`, `...(x ? { x } : {})` and `...{ a, b }`. */
function optionSpreads({ file, tree }: SourceFile): string[] {
  const found: string[] = [];
  walk(tree, (node) => {
    if (!ts.isSpreadAssignment(node)) return;
    const value = ts.isParenthesizedExpression(node.expression)
      ? node.expression.expression
      : node.expression;
    const conditional =
      ts.isConditionalExpression(value) ||
      (ts.isBinaryExpression(value) && value.operatorToken.kind === ts.SyntaxKind.AmpersandAmpersandToken);
    if (!conditional && !ts.isObjectLiteralExpression(value)) return;
    found.push(`${file}:${tree.getLineAndCharacterOfPosition(node.getStart()).line + 1}`);
  });
  return found;
}

function exportedTwice(sources: readonly SourceFile[]): string[] {
  const places = new Map<string, string[]>();
  for (const { file, tree } of sources) {
    for (const name of exportedNames(tree)) places.set(name, [...(places.get(name) ?? []), file]);
  }
  return [...places]
    .filter(([, files]) => files.length > 1)
    .map(([name, files]) => `${name}: ${files.join(', ')}`);
}

function exportedNames(tree: ts.SourceFile): Set<string> {
  const names = new Set<string>();
  for (const statement of tree.statements) {
    if (!ts.canHaveModifiers(statement)) continue;
    if (!ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isVariableStatement(statement)) {
      for (const each of statement.declarationList.declarations) names.add(each.name.getText());
    } else if ('name' in statement && statement.name !== undefined) {
      names.add((statement.name as ts.Identifier).text);
    }
  }
  return names;
}

/** Each import cycle once, as a path. */
export function importCycles(sources: readonly Pick<SourceFile, 'file' | 'imports'>[]): string[] {
  const importsOf = new Map(sources.map(({ file, imports }) => [file, imports.filter(isProjectFile)]));
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

function print(measures: readonly Measure[], verbose: boolean): void {
  for (const { name, value, limit, places } of measures) {
    const mark = value > limit ? '!' : ' ';
    console.log(`${mark} ${name.padEnd(44)} ${String(value).padStart(5)}  (limit ${limit})`);
    if (verbose || value > limit)
      for (const place of places.slice(0, verbose ? undefined : 12)) console.log(`      ${place}`);
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  print(measure(), process.argv.includes('--verbose'));
}
