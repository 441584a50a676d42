import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { CALL_SID } from '../call/call-sid.ts';
import type { CallEvent } from '../call/events.ts';
import { Folders } from '../installation/folders.ts';
import { readJournal } from '../recording/journal-file.ts';
import { loadSettings } from '../settings.ts';
import { exportCall, NotReplayable } from './exported-call.ts';
import { writeFixture } from './fixture.ts';

const HELP = `npm run export -- CALLSID [--out FILE]

Writes a call as a recorded call that \`npm run replay\` plays again: what went over the wire both ways, and what the
services answered. The call may still be going on; a finished one is there if KEEP_JOURNALS was true.
What was said is in the file: do not share it as if it were not.
  CALLSID     as Twilio names the call (CA and 32 hexadecimal digits)
  --out FILE  default: fixtures/calls/CALLSID.jsonl
`;

process.exitCode = main();

function main(): number {
  let parsed: { values: { out?: string; help?: boolean }; positionals: string[] };
  try {
    const options = { out: { type: 'string' }, help: { type: 'boolean', short: 'h' } } as const;
    parsed = parseArgs({ options, allowPositionals: true });
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
  if (parsed.values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [callSid = ''] = parsed.positionals;
  if (!CALL_SID.test(callSid)) return refuse(`"${callSid}" is not a CallSid`);
  const settings = loadSettings(process.cwd(), process.env);
  if (!settings.ok) return refuse(settings.errors.join('\n'));
  const journal = journalOf(settings.settings.recording.directory, callSid);
  if (journal === undefined) {
    process.stderr.write(
      `There is no journal of ${callSid}. Finished calls keep theirs only with KEEP_JOURNALS=true.\n`,
    );
    return 1;
  }
  const target = path.resolve(parsed.values.out ?? path.join('fixtures', 'calls', `${callSid}.jsonl`));
  try {
    const events: CallEvent[] = [];
    for (const event of readJournal(journal)) events.push(kept(event));
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, writeFixture(exportCall(events)));
  } catch (error) {
    if (!(error instanceof NotReplayable)) throw error;
    process.stderr.write(`${callSid} cannot be exported: ${error.message}\n`);
    return 1;
  }
  process.stdout.write(`${target}\n`);
  return 0;
}

/** An event's sound is only valid until the next one is read. */
function kept(event: CallEvent): CallEvent {
  return event.kind === 'caller' || event.kind === 'sent' ? { ...event, mulaw: event.mulaw.slice() } : event;
}

function journalOf(directory: string, callSid: string): string | undefined {
  const folders = new Folders(directory);
  const live = folders.journalsFound().find((found) => found.callSid.toLowerCase() === callSid.toLowerCase());
  if (live) return live.path;
  return existsSync(folders.keptPath(callSid)) ? folders.keptPath(callSid) : undefined;
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n\n${HELP}`);
  return 2;
}
