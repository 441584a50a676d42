import { closeSync, openSync, writeSync } from 'node:fs';
import type { AudioFormat } from '../src/audio/formats/formats.ts';
import type { CallEvent } from '../src/events/call-events.ts';
import { encodeRecord, JOURNAL_MAGIC } from '../src/journal/record-codec.ts';
import { readSettings } from '../src/settings/settings.ts';
import { recordedSpeechOf } from '../src/simulator/fixtures/recorded-speech.ts';

const FRAME_BYTES = 160;
const FRAME_MS = 20;
const ROUND_FRAMES = 400;
/** From sending to the return of a mark on an empty queue. */
const DELAY_FRAMES = 5;

/** Writes the journal of `madeCall`. */
export function makeJournal(file: string, callSid: string, minutes: number): void {
  const handle = openSync(file, 'w');
  let bytes: Buffer[] = [JOURNAL_MAGIC];
  for (const event of madeCall(callSid, minutes)) {
    bytes.push(encodeRecord(event));
    if (bytes.length < 5_000) continue;
    writeSync(handle, Buffer.concat(bytes));
    bytes = [];
  }
  writeSync(handle, Buffer.concat(bytes));
  closeSync(handle);
}

/** The events of a call of that length in which both sides speak alternately. Marks return when their audio was heard. */
export function* madeCall(
  callSid: string,
  minutes: number,
  format: AudioFormat = 'mp3',
): Generator<CallEvent> {
  const read = readSettings({}, { dotEnv: {}, audioConfig: {} }, '.');
  if (!read.ok) throw new Error(read.errors.join('\n'));
  const caller = recordedSpeechOf('caller-i-would-like-to-ask').mulaw;
  const assistant = recordedSpeechOf('assistant-could-you-tell-me-the').mulaw;
  const zeroMs = Date.now() - minutes * 60_000;
  const people = { callSid, from: '+15550100', to: '+15550199' };
  const settings = read.settings.call;
  yield { kind: 'ringing', atMs: zeroMs, ...people, format, recorded: true, settings, services: [] };
  yield { kind: 'stream', atMs: zeroMs, streamSid: `MZ${'0'.repeat(32)}`, startMs: 0 };
  const frames = (minutes * 60_000) / FRAME_MS;
  const quiet = new Uint8Array(FRAME_BYTES).fill(0xff);
  const heardFrames = Math.ceil(assistant.length / FRAME_BYTES);
  let piece = 0;
  for (let index = 0; index < frames; index += 1) {
    const streamMs = index * FRAME_MS;
    const atMs = zeroMs + streamMs + FRAME_MS;
    const from = (index % ROUND_FRAMES) * FRAME_BYTES;
    const said = caller.subarray(from, from + FRAME_BYTES);
    const mulaw = said.length === FRAME_BYTES ? said : quiet;
    yield { kind: 'caller', atMs, streamMs, samples: FRAME_BYTES, mulaw };
    const sinceSpeech = piece === 0 ? -1 : (index % ROUND_FRAMES) - ROUND_FRAMES / 2;
    if (sinceSpeech === DELAY_FRAMES) yield { kind: 'mark-back', atMs, name: `start ${piece}` };
    if (sinceSpeech === heardFrames + DELAY_FRAMES) yield { kind: 'mark-back', atMs, name: `end ${piece}` };
    if (index % ROUND_FRAMES !== ROUND_FRAMES / 2) continue;
    piece += 1;
    const text = 'Could you tell me the invoice number?';
    yield { kind: 'piece', atMs, piece, reply: piece, speaker: 'assistant', role: 'reply', text };
    yield { kind: 'mark-sent', atMs, name: `start ${piece}` };
    yield { kind: 'sent', atMs, piece, samples: assistant.length, mulaw: assistant };
    yield { kind: 'mark-sent', atMs, name: `end ${piece}` };
    yield { kind: 'piece-complete', atMs, piece, text };
  }
  yield { kind: 'end', atMs: zeroMs + minutes * 60_000, reason: 'completed' };
}
