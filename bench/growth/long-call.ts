import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { loadVoiceActivity, VoiceActivity } from '../../src/audio/speech/voice-activity.ts';
import { CallRegistry } from '../../src/call/call-registry.ts';
import { TurnRules } from '../../src/call/dialog/turn-taking/turn-rules.ts';
import type { Line, Services } from '../../src/call/ports.ts';
import { CallEventBus } from '../../src/events/event-bus.ts';
import { Topic } from '../../src/events/topic.ts';
import { LiveTranscripts } from '../../src/records/live-transcripts.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { SpokenPrompts } from '../../test/doubles/spoken-prompts.ts';

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const TICK_MS = 40;
const TRANSCRIPT_TICK_MS = 250;
/** The caller says one sentence in each. */
const ROUND_MS = 8_000;
const SENTENCE = recordedSpeechOf('caller-i-would-like-to-ask').mulaw;
const REPLY = 'Of course. Could you tell me the invoice number?';
/** 60 ms for each character, about the pace of speech: a reply of 2.9 s. */
const BYTES_PER_CHARACTER = 480;
const QUIET = new Uint8Array(FRAME_BYTES).fill(0xff);

/** A call that has lasted this long. */
export interface LongCallRow {
  readonly minutes: number;
  /** CPU time for each frame of a caller, over the last minute. */
  readonly microsecondsPerFrame: number;
  /** Objects and buffers after a garbage collection, beyond those before the calls: for each call. */
  readonly megabytes: number;
  readonly turns: number;
}

/** Calls that are played at once: V8's own memory, which grows with compiled code, is divided among them. */
const CALLS = 40;
/** The code is compiled meanwhile. */
const WARM_UP_MINUTES = 10;

/** Plays calls in virtual time: the real calls, their transcripts and playback, without sockets, services and disk. */
export async function benchLongCalls(minutes: readonly number[]): Promise<readonly LongCallRow[]> {
  await loadVoiceActivity();
  await played([WARM_UP_MINUTES]);
  return played(minutes);
}

async function played(minutes: readonly number[]): Promise<readonly LongCallRow[]> {
  const clock = new VirtualClock(1_700_000_000_000);
  const startMs = clock.nowMs;
  const collect = collector();
  const failed = (error: unknown): never => {
    throw error;
  };
  const events = new CallEventBus(failed);
  const registry = registryOf(clock, events, failed);
  const live = new LiveTranscripts({
    ...{ events, calls: registry, clock, finalized: new Topic(failed), changes: new Topic(failed) },
    watchers: { isWatched: true },
  });
  const before = collect();
  const calls = Array.from({ length: CALLS }, (_, index) => begin(registry, index, startMs));
  const rows: LongCallRow[] = [];
  let turns = 0;
  events.subscribe(['utterance'], () => (turns += 1));
  let cpu = process.cpuUsage();
  let measuredFromMs = startMs;
  for (let frame = 0; rows.length < minutes.length; frame += 1) {
    await clock.goTo(startMs + (frame + 1) * FRAME_MS);
    const atMs = clock.nowMs;
    for (const { call, phone } of calls) {
      for (const mark of phone.played(atMs)) call.mark(mark, atMs);
      call.media(frame * FRAME_MS, frameAt(frame * FRAME_MS), atMs);
    }
    if (atMs % TICK_MS === 0) registry.tick(atMs);
    if (atMs % TRANSCRIPT_TICK_MS < FRAME_MS) live.tick(atMs);
    const nextMs = startMs + minutes[rows.length]! * 60_000;
    if (atMs === nextMs - 60_000) {
      cpu = process.cpuUsage();
      measuredFromMs = atMs;
    }
    if (atMs < nextMs) continue;
    const { user, system } = process.cpuUsage(cpu);
    rows.push({
      minutes: minutes[rows.length]!,
      microsecondsPerFrame: (user + system) / ((atMs - measuredFromMs) / FRAME_MS) / CALLS,
      megabytes: (collect() - before) / 1e6 / CALLS,
      turns: turns / CALLS,
    });
  }
  registry.endAll('the measurement is over', clock.nowMs);
  return rows;
}

function begin(registry: ReturnType<typeof registryOf>, index: number, atMs: number) {
  const identity = { callSid: `CA${String(index).padStart(32, '0')}`, from: '+15550100', to: '+15550199' };
  registry.ring(identity, atMs);
  const phone = new PlayingPhone();
  const call = registry.streamStarted(identity, `MZ${index}`, phone, atMs);
  if (!call) throw new Error('the call was not accepted');
  return { call, phone };
}

function registryOf(clock: VirtualClock, events: CallEventBus, failed: (error: unknown) => never) {
  const read = readSettings({ OPENAI_API_KEY: 'bench' }, { dotEnv: {}, audioConfig: {} }, '.');
  if (!read.ok) throw new Error(read.errors.join('\n'));
  return new CallRegistry({
    environment: {
      settings: { ...read.settings.call, maxCallMinutes: 0 },
      services: services(),
      prompts: new SpokenPrompts(),
      greeter: { ready: () => ({ text: 'Hello.', mulaw: new Uint8Array(4_000).fill(0x22) }) },
      rules: new TurnRules(),
      recorded: true,
      createDetector: () => new VoiceActivity(),
      now: clock.now,
    },
    defaultFormat: 'mp3',
    maxCalls: 0,
    storage: {
      // As the journal on disk: what it has written, it does not keep.
      openJournal: (callSid) => ({ append: (event) => events.publish(callSid, event) }),
      isFinished: () => false,
      ended: () => undefined,
      failed,
    },
  });
}

/** They answer at once. No two texts are alike: a caller who repeats one counts as a machine. */
function services(): Services {
  let heard = 0;
  return {
    transcriber: {
      transcribe: () => Promise.resolve(`I would like to ask about invoice ${(heard += 1)}, please.`),
    },
    replier: {
      async *reply() {
        yield await Promise.resolve(REPLY);
      },
    },
    voice: {
      async *speak(text: string) {
        yield await Promise.resolve(new Uint8Array(text.length * BYTES_PER_CHARACTER).fill(0x22));
      },
    },
  };
}

function frameAt(ms: number): Uint8Array {
  const inRound = (ms % ROUND_MS) * 8 - 5_000 * 8;
  if (inRound < 0 || inRound + FRAME_BYTES > Math.min(SENTENCE.length, 2_800 * 8)) return QUIET;
  return SENTENCE.subarray(inRound, inRound + FRAME_BYTES);
}

/** A telephone that plays what it gets, and returns marks when their audio has been played. */
class PlayingPhone implements Line {
  #playedUntilMs = 0;
  #nowMs = 0;
  #marks: { readonly name: string; readonly atMs: number }[] = [];

  sendAudio(mulaw: Uint8Array): void {
    this.#playedUntilMs = Math.max(this.#playedUntilMs, this.#nowMs) + mulaw.length / 8;
  }

  sendMark(name: string): void {
    this.#marks.push({ name, atMs: Math.max(this.#playedUntilMs, this.#nowMs) });
  }

  clear(): void {
    this.#playedUntilMs = this.#nowMs;
    this.#marks = this.#marks.map(({ name }) => ({ name, atMs: this.#nowMs }));
  }

  hangUp(): void {
    throw new Error('our side has ended the call');
  }

  /** The marks whose audio has been played by now. */
  played(atMs: number): string[] {
    this.#nowMs = atMs;
    const due = this.#marks.filter((mark) => mark.atMs <= atMs);
    if (due.length > 0) this.#marks = this.#marks.filter((mark) => mark.atMs > atMs);
    return due.map(({ name }) => name);
  }
}

/** Collects garbage; returns the bytes of objects and buffers. */
function collector(): () => number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  return () => {
    collect();
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return heapUsed + external;
  };
}
