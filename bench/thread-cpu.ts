import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks per second in /proc; 100 on all systems that Node supports. */
const MS_PER_CLOCK_TICK = 10;
const TASKS = '/proc/self/task';

/** CPU time of each thread of this process between two requests, in milliseconds, by thread id; Linux only. */
export function threadCpu(): { begin: () => void; end: () => Record<string, number> } {
  let before = new Map<string, number>();
  return {
    begin: () => {
      before = cpuMs();
    },
    end: () => {
      const spent = [...cpuMs()].map(([id, ms]) => [id, ms - (before.get(id) ?? 0)] as const);
      return Object.fromEntries(spent.filter(([, ms]) => ms > 0));
    },
  };
}

function cpuMs(): Map<string, number> {
  return new Map(
    readdirSync(TASKS).map((id) => {
      // The name in parentheses may contain anything; user and system time are fields 14 and 15.
      const fields = readFileSync(`${TASKS}/${id}/stat`, 'utf8')
        .replace(/^.*\) /su, '')
        .split(' ');
      return [id, (Number(fields[11]) + Number(fields[12])) * MS_PER_CLOCK_TICK] as const;
    }),
  );
}
