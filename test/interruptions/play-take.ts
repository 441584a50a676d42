import type { Services } from '../../src/call/ports.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import type { CallSettings } from '../../src/events/call-settings.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { transcriptOf } from '../../src/records/text/transcript.ts';
import { readSettings } from '../../src/settings/settings.ts';
import { recordedSpeech, recordedSpeechOf } from '../../src/simulator/fixtures/recorded-speech.ts';
import { playVirtualCall } from '../../src/simulator/virtual-call.ts';
import { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import { SpokenPrompts } from '../doubles/spoken-prompts.ts';
import { plainWords } from '../doubles/plain-words.ts';
import type { Take } from './situations.ts';
import { firstLoudMs } from './sounds.ts';
import { TakeCaller } from './take-caller.ts';

/** The speeds of the services, in milliseconds, as in `bench/talk.ts`. */
const SPEEDS = { transcriptionMs: 150, firstTokenMs: 150, betweenTokensMs: 8, speechFirstMs: 120 } as const;
/** Speech arrives ten times faster than it is heard. */
const CHUNK_BYTES = 1_600;
const CHUNK_EVERY_MS = 20;
const FRAME_MS = 20;
const ZERO_MS = 1_700_000_000_000;

const QUESTION = recordedSpeechOf('caller-i-would-like-to-ask');
const GREETING = recordedSpeechOf('prompt-greeting');
const AFTER_STOP = 'Very good.';
/** Each lasts more than 11 s and asks nothing. */
const REPLIES = [
  'We are open all week. From Monday to Thursday we open at eight in the morning and close at six in the evening. On Friday we close at four. On Saturday we are open from nine to one. On Sundays and on public holidays the shop is closed.',
  'There is a castle from the twelfth century, and from its tower you can see as far as the sea. On Saturdays there is a market on the square, where the farmers sell cheese and honey. In March the museum is open in the afternoon only.',
  'We serve fresh bread, eggs, fruit and coffee from seven until half past ten. On Sundays there is also a warm buffet with pancakes and sausages. Breakfast costs twelve euros a day, and children under six eat free of charge.',
];

/** `ignored`: the reply went on. `resumed`: it paused and was heard to its end. `stopped`: its rest was not heard. */
export type Outcome = 'ignored' | 'resumed' | 'stopped';

export interface TakeResult extends Pick<Take, 'kind' | 'take' | 'expected'> {
  readonly outcome: Outcome;
  /** From the first loud sample of the sound to the end of the assistant's sound at the phone; undefined: it did not end. */
  readonly silentAfterMs: number | undefined;
  /** How often the reply paused. */
  readonly stops: number;
  /** The longest pause of a reply that continued. */
  readonly pauseMs: number | undefined;
}

/** The settings of a call if nothing is set. */
export function defaultSettings(): CallSettings {
  const read = readSettings({ LANGUAGE: 'en' }, { dotEnv: {}, audioConfig: {} }, '/');
  if (!read.ok) throw new Error(read.errors.join(' '));
  return read.settings.call;
}

/** Plays a call under a virtual clock in which the sound of a take comes over the assistant's reply. */
export async function playTake(take: Take, settings: CallSettings = defaultSettings()): Promise<TakeResult> {
  const clock = new VirtualClock(ZERO_MS);
  const reply = REPLIES[take.take % REPLIES.length]!;
  const caller = new TakeCaller(take, QUESTION.mulaw);
  const { events } = await playVirtualCall({
    clock,
    callSid: 'CA00000000000000000000000000000001',
    caller,
    environment: {
      settings,
      services: servicesFor(take, reply, caller, clock),
      prompts: new SpokenPrompts(),
      greeter: { ready: () => ({ text: GREETING.text, mulaw: GREETING.mulaw }) },
    },
    format: 'wav',
  });
  return resultOf(take, reply, caller, events);
}

function servicesFor(take: Take, reply: string, caller: TakeCaller, clock: VirtualClock): Services {
  return {
    transcriber: {
      async transcribe() {
        const text = caller.soundStartMs === undefined ? QUESTION.text : take.text;
        await clock.sleep(SPEEDS.transcriptionMs);
        return text;
      },
    },
    replier: {
      async *reply() {
        const text = caller.soundStartMs === undefined ? reply : AFTER_STOP;
        await clock.sleep(SPEEDS.firstTokenMs);
        for (const token of text.match(/\S+\s*/gu)!) {
          yield token;
          await clock.sleep(SPEEDS.betweenTokensMs);
        }
      },
    },
    voice: {
      async *speak(text) {
        await clock.sleep(SPEEDS.speechFirstMs);
        const mulaw = recordingOf(text);
        for (let at = 0; at < mulaw.length; at += CHUNK_BYTES) {
          yield mulaw.slice(at, at + CHUNK_BYTES);
          await clock.sleep(CHUNK_EVERY_MS);
        }
      },
    },
  };
}

function recordingOf(sentence: string): Uint8Array {
  for (const { speaker, text, mulaw } of recordedSpeech().values())
    if (speaker === 'assistant' && plainWords(text) === plainWords(sentence)) return mulaw;
  throw new Error(`fixtures/audio has no recording of: ${sentence}`);
}

function resultOf(take: Take, reply: string, caller: TakeCaller, events: readonly CallEvent[]): TakeResult {
  const call = reconstructCall(events)!;
  const soundMs = caller.soundStartMs;
  if (soundMs === undefined) throw new Error(`${take.kind}, take ${take.take}: the reply was not heard`);
  const { kind, expected } = take;
  const clears = events.flatMap((event) =>
    event.kind === 'clear' && event.atMs - call.zeroAtMs! >= soundMs ? [event.atMs - call.zeroAtMs!] : [],
  );
  const whole = transcriptOf(call).some(({ text }) => text === reply);
  const [first] = clears;
  const loudMs = soundMs + (take.pcm ? firstLoudMs(take.pcm) : 0);
  return {
    ...{ kind, take: take.take, expected, stops: clears.length },
    outcome: !whole ? 'stopped' : first === undefined ? 'ignored' : 'resumed',
    // The simulated line delivers a frame when it begins; a real one, when it ends.
    silentAfterMs: first === undefined ? undefined : first + FRAME_MS - loudMs,
    pauseMs: whole && first !== undefined ? longestPause(clears, call.pieces) : undefined,
  };
}

function longestPause(
  clears: readonly number[],
  pieces: readonly { readonly startMs?: number | undefined }[],
): number {
  const pauses = clears.flatMap((clearMs) => {
    const next = pieces.find(({ startMs }) => startMs !== undefined && startMs > clearMs);
    return next ? [next.startMs! - clearMs] : [];
  });
  return Math.max(0, ...pauses);
}
