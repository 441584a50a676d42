import { World } from './world.ts';

const MACHINES = 100;
/** Until the first calls are there. */
const SETTLE_MS = 20_000;
/** From the end of all calls to the end of the simulation: longer than any wait for a caller. */
const REST_MS = 100_000;

export interface SimulationOptions {
  readonly calls: number;
  readonly seed: number;
}

/** What one kind of failure does to calls. */
export interface SimulationRow {
  readonly event: string;
  readonly events: number;
  readonly calls: number;
  readonly completed: number;
  readonly doubleFiles: number;
  readonly doubleParts: number;
  readonly lostMs: readonly number[];
  readonly recoveryMs: readonly number[];
  readonly refused: number;
  readonly messages: ReadonlyMap<string, number>;
}

interface Scenario {
  readonly event: string;
  readonly events: number;
  readonly everyMs: number;
  readonly happens: (world: World, index: number) => void;
}

const SCENARIOS: readonly Scenario[] = [
  { event: 'machine ends', events: 20, everyMs: 8_000, happens: (world) => world.crash() },
  { event: 'machine hangs for 3 s', events: 20, everyMs: 8_000, happens: (world) => world.hang(3_000) },
  { event: 'machine hangs for 20 s', events: 20, everyMs: 8_000, happens: (world) => world.hang(20_000) },
  {
    event: 'no way to Redis for 3 s',
    events: 20,
    everyMs: 8_000,
    happens: (world) => world.partition(3_000),
  },
  {
    event: 'no way to Redis for 20 s',
    events: 20,
    everyMs: 8_000,
    happens: (world) => world.partition(20_000),
  },
  {
    event: 'Redis restarts in 3 s',
    events: 3,
    everyMs: 30_000,
    happens: (world) => world.restartRedis(3_000, true),
  },
  {
    event: 'Redis is empty after 20 s',
    events: 2,
    everyMs: 50_000,
    happens: (world) => world.restartRedis(20_000, false),
  },
  { event: 'rolling restart', events: 1, everyMs: 260_000, happens: (world) => void world.restartAll() },
  { event: 'all of these', events: 60, everyMs: 4_000, happens: anything },
];

function anything(world: World, index: number): void {
  if (index === 5) void world.restartAll();
  if (index % 20 === 10) return world.restartRedis(2_000 + world.random() * 10_000, world.random() < 0.5);
  const ms = 1_000 + world.random() * 20_000;
  const kind = Math.floor(world.random() * 3);
  if (kind === 0) world.crash();
  else if (kind === 1) world.hang(ms);
  else world.partition(ms);
}

/** Machines with calls in virtual time: each kind of failure in a world of its own, and all of them in one. */
export async function simulate(
  options: SimulationOptions,
  report: (row: SimulationRow) => void,
): Promise<SimulationRow[]> {
  const rows: SimulationRow[] = [];
  for (const scenario of SCENARIOS) {
    const row = await run(scenario, options);
    report(row);
    rows.push(row);
  }
  return rows;
}

async function run(
  { event, events, everyMs, happens }: Scenario,
  options: SimulationOptions,
): Promise<SimulationRow> {
  const world = new World(options.seed);
  const { time, ledger, callers, random } = world;
  const untilMs = SETTLE_MS + events * everyMs + 20_000;
  for (let machine = 0; machine < MACHINES; machine += 1) time.after(random() * 1_000, () => world.start());
  for (let call = 0; call < options.calls; call += 1)
    time.after(2_000 + random() * 10_000, () => callers.ring(untilMs));
  for (let index = 0; index < events; index += 1)
    time.after(SETTLE_MS + index * everyMs, () => happens(world, index));
  await time.run(untilMs + REST_MS);
  const { completed, doubleFiles, doubleParts, lostMs, recoveryMs, refused, messages } = ledger;
  return {
    event,
    events,
    calls: [...callers.all.values()].filter(({ wasHeard }) => wasHeard).length,
    completed,
    doubleFiles,
    doubleParts,
    lostMs,
    recoveryMs,
    refused,
    messages,
  };
}
