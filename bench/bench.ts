import { parseArgs } from 'node:util';
import { benchBurst } from './burst.ts';
import { benchCalls } from './calls.ts';
import { benchCost, type CostRow } from './cost.ts';
import { benchReplication, replicationTable } from './cluster.ts';
import { deskLatencyTable } from './cluster/desk-latency.ts';
import { plotSimulation, simulationTable } from './cluster/simulation-table.ts';
import { simulate } from './cluster/simulation.ts';
import { costTable, grossRegressions, profileTable } from './cost-table.ts';
import { searchTable } from './catalogue/search-table.ts';
import { benchSearch } from './catalogue/search.ts';
import { benchEncoders, encoderTable } from './encoders.ts';
import { AUDIO_FORMATS } from '../src/audio/formats/formats.ts';
import { benchFinishing } from './finishing.ts';
import { benchDesk } from './desk.ts';
import { benchLongCalls } from './growth/long-call.ts';
import { plotCalls, plotLength, plotStored } from './growth/plots.ts';
import { benchHangUp } from './hang-up.ts';
import { benchInterruptions } from './interruptions.ts';
import { benchStart } from './start.ts';
import {
  burstTable,
  callsTable,
  deskTable,
  finishingTable,
  hangUpTable,
  longCallTable,
  workersTable,
  interruptionTable,
  startTable,
  talkTable,
} from './tables.ts';
import { benchTalk } from './talk.ts';
import { benchTls, tlsTable } from './tls.ts';
import { benchWorkers } from './workers.ts';

const PARTS = [
  'start',
  'talk',
  'interruptions',
  'cost',
  'growth',
  'calls',
  'workers',
  'cluster',
  'tls',
  'simulation',
  'burst',
  'desk',
  'finishing',
  'hang-up',
  'encoders',
  'search',
] as const;
const USAGE = `npm run bench -- [options]
  --only ${PARTS.join('|')}   one part
  --quick                       a first look, in about two minutes
  --scenario conversation|media one of the two of the cost bench
  --calls 120                   simultaneous calls of the benches of cost, Redis, TLS and the simulation; of each process in that of workers
  --steps 100,200,400           offhook's staircase
  --talkers 100                 simultaneous calls of the talk bench
  --minutes 5,60,240            lengths of the calls that end
  --rounds 3                    of each of them, of the desk, Redis, TLS and workers
  --format mp3                  their recordings' format; default: each
  --no-bare                     without the bare server
  --sizes 1000,10000            calls in the catalogue that is searched
  --database URL                an empty database to search in, instead of SQLite
  --priority=-10                as for nice; below 0 only as root
  --profile                     a CPU profile of offhook's threads in the cost bench, by module and function
  --seed 1                      of the simulation of a hundred machines
  --plots FOLDER                writes growth of cost, search times and the simulation as SVG files
  --short                       the cost of a call alone, in about two minutes; fails on a gross regression`;

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    quick: { type: 'boolean', default: false },
    scenario: { type: 'string' },
    calls: { type: 'string' },
    steps: { type: 'string' },
    talkers: { type: 'string' },
    minutes: { type: 'string' },
    rounds: { type: 'string' },
    format: { type: 'string' },
    sizes: { type: 'string' },
    database: { type: 'string' },
    seed: { type: 'string' },
    bare: { type: 'boolean', default: true },
    priority: { type: 'string' },
    profile: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
    plots: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
  allowNegative: true,
});
const { quick, short, plots } = values;
const only = short ? 'cost' : values.only;
if (values.help || (only !== undefined && !PARTS.some((part) => part === only))) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 1);
}
const wants = (part: (typeof PARTS)[number]): boolean => only === undefined || only === part;
const upTo = (most: number, step: number): number[] =>
  Array.from({ length: most / step }, (_, index) => (index + 1) * step);
const priority = values.priority === undefined ? {} : { priority: Number(values.priority) };
const tables: string[] = [];

if (wants('start')) {
  console.log('starting offhook and a bare server');
  const rounds = quick ? 1 : 5;
  tables.push(`Start and idle memory, medians of ${rounds}\n${startTable(await benchStart(rounds))}`);
}
if (wants('talk')) {
  console.log('conversations with services of fixed speeds');
  const talkers = Number(values.talkers ?? (quick ? 10 : 100));
  const rows = await benchTalk([
    { scenario: 'conversation', engine: 'pipeline', eager: 'off', calls: 1 },
    { scenario: 'conversation', engine: 'pipeline', eager: 'text', calls: 1 },
    { scenario: 'conversation', engine: 'pipeline', eager: 'reply', calls: 1 },
    { scenario: 'conversation', engine: 'pipeline', eager: 'reply', calls: talkers },
    { scenario: 'barge-in', engine: 'pipeline', eager: 'reply', calls: 1 },
    { scenario: 'barge-in', engine: 'pipeline', eager: 'reply', calls: talkers },
    { scenario: 'conversation', engine: 'realtime', eager: 'reply', calls: 1 },
    { scenario: 'conversation', engine: 'realtime', eager: 'reply', calls: talkers },
    { scenario: 'barge-in', engine: 'realtime', eager: 'reply', calls: 1 },
    { scenario: 'barge-in', engine: 'realtime', eager: 'reply', calls: talkers },
  ]);
  tables.push(`Response times, in ms since the caller's last word\n${talkTable(rows)}`);
}
if (wants('interruptions') || only === 'talk') {
  console.log('sounds over the replies of an assistant, in virtual time');
  const results = await benchInterruptions(quick ? 3 : 10);
  tables.push(`Sounds over a reply, times in ms\n${interruptionTable(results)}`);
}
if (wants('cost')) {
  console.log('CPU time of calls, offhook and a bare server in turn');
  const length = quick || short ? { rounds: 3, warmUpMs: 4_000 } : { rounds: 5, warmUpMs: 24_000 };
  const { profile } = values;
  const scenarios = (['conversation', 'media'] as const).filter((name) => (values.scenario ?? name) === name);
  const rows: CostRow[] = [];
  for (const scenario of scenarios) {
    const holdMs = scenario === 'media' && short ? 4_000 : 8_000;
    const calls = Number(values.calls ?? (scenario === 'media' ? (short ? 200 : 400) : 120));
    rows.push(await benchCost({ ...length, scenario, calls, holdMs, profile, memory: !short }));
  }
  tables.push(`CPU seconds per call-minute\n${costTable(rows)}`);
  if (profile) for (const row of rows) tables.push(`Profile: ${row.scenario}\n${profileTable(row)}`);
  const regressions = short ? grossRegressions(rows) : [];
  if (regressions.length > 0) process.exitCode = 1;
  tables.push(...regressions);
}
if (wants('calls')) {
  const offhook = values.steps?.split(',').map(Number) ?? (quick ? [100, 200, 300] : upTo(1_000, 50));
  const bare = !values.bare ? [] : quick ? [200, 600, 1_000] : upTo(1_600, 100);
  const rows = await benchCalls(
    {
      ...{ steps: { bare, offhook }, ...priority },
      ...(quick ? { settleMs: 8_000, holdMs: 4_000 } : { settleMs: 8_000, holdMs: 8_000 }),
    },
    ({ server, calls, pingP99Ms, held }) => {
      console.log(
        `${server}: ${calls} calls, ping p99 ${pingP99Ms.toFixed(1)} ms${held ? '' : ': not held'}`,
      );
    },
  );
  tables.push(`Calls on one core\n${callsTable(rows)}`);
}
if (wants('growth')) {
  console.log('the cost of calls by their number');
  const steps = quick ? [10, 40] : [10, 30, 60, 120, 200];
  const costs: CostRow[] = [];
  for (const calls of steps)
    costs.push(
      await benchCost({ scenario: 'conversation', calls, rounds: 1, warmUpMs: 4_000, holdMs: 8_000 }),
    );
  tables.push(`CPU seconds per call-minute, by the number of calls\n${costTable(costs)}`);
  console.log('calls of some hours in virtual time');
  const minutes = quick ? [1, 10, 60] : [1, 2, 5, 10, 30, 60, 120, 240];
  const lengths = await benchLongCalls(minutes);
  tables.push(`One call by its length, in virtual time\n${longCallTable(lengths)}`);
  if (plots !== undefined) await Promise.all([plotCalls(plots, costs), plotLength(plots, lengths)]);
}
if (wants('workers')) {
  console.log('conversations in one process, and twice as many in two, in turn');
  const rows = await benchWorkers({
    calls: Number(values.calls ?? (quick ? 20 : 60)),
    rounds: Number(values.rounds ?? (quick ? 1 : 5)),
    settleMs: 8_000,
    holdMs: quick ? 8_000 : 16_000,
  });
  tables.push(`Conversations in several processes\n${workersTable(rows)}`);
}
// It needs caddy and openssl.
if (only === 'tls') {
  console.log('media streams without TLS, with TLS in Node, and with TLS in a proxy, in turn');
  const calls = Number(values.calls ?? (quick ? 40 : 120));
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  const row = await benchTls({ calls, rounds, holdMs: quick ? 4_000 : 8_000 });
  tables.push(`What TLS adds to a media stream\n${tlsTable(row)}`);
}
// It needs redis-server.
if (only === 'cluster') {
  console.log('conversations without and with Redis in turn');
  const calls = Number(values.calls ?? (quick ? 20 : 60));
  const rounds = Number(values.rounds ?? (quick ? 1 : 5));
  const length = { warmUpMs: quick ? 4_000 : 16_000, holdMs: quick ? 8_000 : 16_000 };
  const row = await benchReplication({ calls, rounds, ...length });
  tables.push(`Replication of journals, CPU seconds per call-minute\n${replicationTable(row)}`);
  tables.push(`How much later the desk of another machine shows it\n${deskLatencyTable(row.desk)}`);
}
if (only === 'simulation') {
  console.log('a hundred machines in virtual time');
  const size = { calls: Number(values.calls ?? (quick ? 300 : 3_000)), seed: Number(values.seed ?? 1) };
  const rows = await simulate(size, ({ event, completed }) => console.log(`${event}: ${completed} calls`));
  tables.push(`Failures of machines and of Redis, in virtual time\n${simulationTable(rows)}`);
  if (
    rows.some(
      ({ doubleFiles, doubleParts, calls, completed }) => doubleFiles + doubleParts > 0 || completed < calls,
    )
  )
    process.exitCode = 1;
  if (plots !== undefined) await plotSimulation(plots, rows);
}
if (wants('burst')) {
  console.log('calls that come at once');
  const size = { live: quick ? 10 : 50, calls: quick ? 50 : 200, overMs: 1_000 };
  const rows = [await benchBurst({ ...size, workers: 1 }), await benchBurst({ ...size, workers: 2 })];
  tables.push(`Calls that come at once\n${burstTable(rows)}`);
}
if (wants('desk')) {
  console.log('the desk with many live calls, without and with browsers');
  const size = quick ? { calls: 60, talking: 10 } : { calls: 500, talking: 60 };
  const length = { rounds: Number(values.rounds ?? (quick ? 1 : 3)), holdMs: quick ? 8_000 : 16_000 };
  tables.push(`Desk\n${deskTable(await benchDesk({ ...size, browsers: 3, ...length }))}`);
}
if (wants('finishing')) {
  console.log('50 calls, and the same while ten others are being encoded');
  const length = quick ? { encodedMinutes: 10, holdMs: 8_000 } : { encodedMinutes: 20, holdMs: 20_000 };
  const rows = await benchFinishing({ calls: 50, encoded: 10, settleMs: 8_000, ...length, ...priority });
  tables.push(`Live calls while others are being encoded\n${finishingTable(rows)}`);
}
if (wants('hang-up')) {
  console.log('calls that end, encoded afterwards and during the call in turn');
  const lengths = quick ? [5, 60] : [5, 60, 240];
  const rounds = Number(values.rounds ?? (quick ? 1 : 3));
  const minutes = values.minutes?.split(',').map(Number) ?? lengths;
  const formats = AUDIO_FORMATS.filter((format) => (values.format ?? (quick ? 'mp3' : format)) === format);
  tables.push(
    `From the end of a call to its files\n${hangUpTable(await benchHangUp(minutes, formats, rounds))}`,
  );
}
if (wants('encoders')) {
  console.log('encoders against native tools');
  tables.push(
    `Encoders against native tools\n${encoderTable(await benchEncoders(quick ? { rounds: 1, seconds: 120 } : {}))}`,
  );
}
if (wants('search')) {
  const sizes = values.sizes?.split(',').map(Number) ?? (quick ? [1_000, 10_000] : [1_000, 10_000, 100_000]);
  const found = await benchSearch(
    { sizes, rounds: quick ? 50 : 200, ...(values.database !== undefined && { url: values.database }) },
    (line) => console.log(line),
  );
  tables.push(`Searching the catalogue\n${searchTable(found)}`);
  if (plots !== undefined) await plotStored(plots, found.rows);
}
console.log(`\n${tables.join('\n\n')}`);
