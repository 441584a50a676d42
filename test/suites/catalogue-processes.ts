import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, expect, test } from 'vitest';
import { openCatalogue } from '../../src/catalogue/open-catalogue.ts';
import { liveCall, sidOf, spokenTurn } from '../support/catalogued-calls.ts';

const OPENERS = 4;
const TURNS_BEFORE_KILL = 20;

/** A catalogue is used by several processes; `newUrl` is the address of a new empty database. */
export function catalogueIsSharedByProcesses(name: string, newUrl: () => Promise<string>): void {
  describe(`${name}, used by several processes`, () => {
    test('is created once by simultaneous starts', async () => {
      const url = await newUrl();
      const openers = Array.from({ length: OPENERS }, () =>
        run(`const catalogue = await openCatalogue(${JSON.stringify(url)});
          console.log('ready');
          await new Promise((go) => process.stdin.once('data', go));
          await catalogue.open();
          await catalogue.close();
          console.log('opened');
          process.exit(0);`),
      );
      await Promise.all(openers.map(({ said }) => said('ready')));
      for (const { child } of openers) child.stdin!.write('go\n');
      await Promise.all(openers.map(({ said }) => said('opened')));
      const catalogue = await openCatalogue(url);
      expect(await catalogue.list({}, { limit: 1 })).toEqual({ items: [] });
      await catalogue.close();
    });

    test('keeps every turn that a process stored before it was killed, while others read', async () => {
      const url = await newUrl();
      const reader = await openCatalogue(url);
      await reader.open();
      const { child, said } = run(`const catalogue = await openCatalogue(${JSON.stringify(url)});
        await catalogue.putCall(${JSON.stringify(liveCall(1))});
        for (let turn = 1; ; turn++) {
          await catalogue.putTurns(${JSON.stringify(sidOf(1))}, [{ ...${JSON.stringify(spokenTurn(0, 'word'))},
            id: 'caller-' + turn, turn, startMs: turn }]);
          console.log('stored', turn);
        }`);
      await said('stored 1');
      expect((await reader.get(sidOf(1)))!.turns.length).toBeGreaterThan(0);
      await said(`stored ${TURNS_BEFORE_KILL}`);
      child.kill('SIGKILL');
      await once(child, 'exit');
      const stored = Number(/stored (\d+)\s*$/.exec(await said('stored'))![1]);
      const turns = (await reader.get(sidOf(1)))!.turns.map((turn) => turn.turn);
      expect(turns.length).toBeGreaterThanOrEqual(stored);
      expect(turns).toEqual(turns.map((_, index) => index + 1));
      expect((await reader.search({ words: 'word' }, { limit: 200 })).items.length).toBe(
        Math.min(200, turns.length),
      );
      await reader.close();
    });
  });
}

interface Running {
  readonly child: ChildProcess;
  /** Resolves when it has said this, with all that it has said. */
  readonly said: (what: string) => Promise<string>;
}

function run(script: string): Running {
  const module = new URL('../../src/catalogue/open-catalogue.ts', import.meta.url).href;
  const child = spawn(
    process.execPath,
    [
      ...['--import', import.meta.resolve('tsx'), '--input-type=module', '-e'],
      `import { openCatalogue } from ${JSON.stringify(module)};\n${script}`,
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  let all = '';
  const lines = createInterface({ input: child.stdout });
  lines.on('line', (line) => (all += `${line}\n`));
  const said = async (what: string): Promise<string> => {
    while (!all.includes(what)) {
      if (child.exitCode !== null) throw new Error(`the process ended before it said ${what}`);
      await Promise.race([once(lines, 'line'), gone]);
    }
    return all;
  };
  return { child, said };
}
