import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AUDIO_FORMATS, describeFormat } from '../../src/audio/formats/formats.ts';
import { readWav } from '../../src/audio/wav/wav.ts';
import type { CallEvent } from '../../src/events/call-events.ts';
import { readCallRecord } from '../../src/records/call-record.ts';
import { type CallFileSettings, writeCallFiles } from '../../src/records/write-call-files.ts';
import { callHistory } from '../../src/records/call-history.ts';
import { JournalJobs } from '../../src/records/journal-jobs.ts';
import { missingTexts } from '../../src/records/finalization/late-events.ts';
import { USUAL } from '../call/rehearsed-call.ts';
import { decodeSound } from '../support/npm-decoders.ts';
import { amplitudeAt } from '../support/tones.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall, usualCall } from './told-call.ts';

let folder = '';
beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), 'offhook-case-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const settings = (more: Partial<CallFileSettings> = {}): CallFileSettings => ({
  directory: folder,
  temporary: path.join(folder, '.offhook', 'aside'),
  channels: 'mono',
  sampleRateHz: 'auto',
  mp3Bitrate: 128,
  mp3Engine: 'wasm',
  ...more,
});

const write = (call: ToldCall, more: Partial<CallFileSettings> = {}) =>
  writeCallFiles(() => call.events, settings(more));

/** Name and bytes of every finished file. */
function files(): Record<string, string> {
  const names = readdirSync(folder)
    .filter((name) => name !== '.offhook')
    .sort();
  return Object.fromEntries(names.map((name) => [name, readFileSync(path.join(folder, name), 'base64')]));
}

describe('the files of a call', () => {
  it('are a recording, a transcript, a summary and a .json, and nothing else', async () => {
    const { json, lines } = await write(usualCall({ format: 'mp3' }));
    expect(Object.keys(files())).toEqual(
      [`.json`, `.txt`, `_conversation.mp3`, `_summary.txt`].map((end) => `call_${TOLD_SID}${end}`),
    );
    expect(readdirSync(path.join(folder, '.offhook', 'aside'))).toEqual([]);
    expect(readFileSync(path.join(folder, `call_${TOLD_SID}.txt`), 'utf8')).toBe(`${lines.join('\n')}\n`);
    expect(readCallRecord(folder, TOLD_SID)).toEqual(json);
    expect(json).toMatchObject({
      callSid: TOLD_SID,
      durationMs: 15_000,
      completedAt: new Date(TOLD_AT_MS + 15_000).toISOString(),
      endReason: 'stop',
      summaryBy: 'extract',
      pending: 1,
      audio: { format: 'mp3', bitrateKbps: 128, sampleRateHz: 16_000, channels: 1, frames: 240_000 },
    });
  });

  it("have keywords of the caller's words alone", async () => {
    const call = usualCall();
    const { json } = await write(call);
    const { keywords, turns } = json;
    const wordsOf = (who: string) =>
      turns.flatMap(({ speaker, text }) => (speaker === who ? [(text ?? '').toLowerCase()] : [])).join(' ');
    expect(keywords.length).toBeGreaterThan(0);
    for (const word of keywords) expect(wordsOf('caller')).toContain(word);
    const ours = keywords.filter((word) => !wordsOf('caller').includes(word));
    expect([ours, wordsOf('assistant') === '']).toEqual([[], false]);
  });

  it('have the same bytes whenever they are written from the same journal', async () => {
    for (const format of AUDIO_FORMATS) {
      const call = usualCall({ format });
      await write(call);
      const first = files();
      rmSync(folder, { recursive: true });
      await write(call);
      expect(files()).toEqual(first);
      await write(call);
      expect(files()).toEqual(first);
      rmSync(folder, { recursive: true });
    }
  });

  it('are replaced when a text arrives late, except the recording', async () => {
    const call = usualCall({ format: 'flac' });
    await write(call);
    const recording = path.join(folder, `call_${TOLD_SID}_conversation.flac`);
    const before = statSync(recording);
    call.tell({ kind: 'text', atMs: TOLD_AT_MS + 90_000, turn: 2, text: 'Only Saturday.' });
    const { json } = await write(call);
    expect(statSync(recording).ino).toBe(before.ino);
    expect(json.pending).toBe(0);
    const text = readFileSync(path.join(folder, `call_${TOLD_SID}.txt`), 'utf8');
    expect(text).toContain('Caller: Only Saturday.');
    expect(text).not.toContain('[not yet');
  });

  it('are written again if the recording is damaged or shorter than the call', async () => {
    const call = new ToldCall().caller(0, 2_000, 440);
    await write(call);
    call.caller(2_000, 2_000, 440).ends(4_000);
    expect((await write(call)).json.audio!.frames).toBe(32_000);
    const recording = path.join(folder, `call_${TOLD_SID}_conversation.wav`);
    const whole = readFileSync(recording);
    writeFileSync(recording, whole.subarray(0, 9_000));
    await write(call);
    expect(readFileSync(recording).equals(whole)).toBe(true);
  });

  it('include no recording in a format that is no longer configured', async () => {
    const call = usualCall({ format: 'wav' });
    await write(call);
    call.tell({ kind: 'format', atMs: TOLD_AT_MS + 15_000, format: 'ogg' });
    await write(call);
    const sounds = Object.keys(files()).filter((name) => name.includes('conversation'));
    expect(sounds).toEqual([`call_${TOLD_SID}_conversation.ogg`]);
  });

  it('contain no audio if recording is off, but all texts', async () => {
    const { json } = await write(usualCall({ recorded: false }));
    expect(json.audio).toBeNull();
    expect(Object.keys(files()).length).toBe(3);
    expect(readFileSync(path.join(folder, `call_${TOLD_SID}_summary.txt`), 'utf8')).toContain(
      'none (recording is off)',
    );
    expect(json.turns.map((turn) => turn.text)).toContain('I would like to ask about an invoice.');
  });

  it('are valid for a call of 0 s, and for one without a stream', async () => {
    for (const call of [
      new ToldCall({ format: 'wav' }).ends(0),
      new ToldCall({ stream: false, format: 'wav' }),
    ])
      for (const format of AUDIO_FORMATS) {
        call.tell({ kind: 'format', atMs: TOLD_AT_MS, format });
        const { json } = await write(call);
        expect(json.durationMs).toBe(0);
        const file = path.join(folder, `call_${TOLD_SID}_conversation.${describeFormat(format).extension}`);
        const samples = (await decodeSound(file)).channels[0]?.length ?? 0;
        expect(samples, format).toBe(0);
      }
  });

  it('contain both sides in one channel or two, at the configured rate', async () => {
    const call = new ToldCall().caller(0, 1_000).says(1_000, 2_000, { hz: 1_000 }).caller(1_000, 2_000, 440);
    call.caller(3_000, 1_000).ends(4_000);
    await write(call, { channels: 'stereo' });
    const file = path.join(folder, `call_${TOLD_SID}_conversation.wav`);
    const [left, right] = readWav(readFileSync(file)).pcm.map((pcm) => pcm.slice(10_000, 22_000));
    expect(amplitudeAt(left!, 440, 8_000)).toBeGreaterThan(4_000);
    expect(amplitudeAt(left!, 1_000, 8_000)).toBeLessThan(100);
    expect(amplitudeAt(right!, 1_000, 8_000)).toBeGreaterThan(4_000);
    expect(amplitudeAt(right!, 440, 8_000)).toBeLessThan(100);
    rmSync(folder, { recursive: true });
    await write(call, { sampleRateHz: 16_000 });
    const { pcm, sampleRateHz } = readWav(readFileSync(file));
    expect([sampleRateHz, pcm.length, pcm[0]!.length]).toEqual([16_000, 1, 64_000]);
    const mixed = pcm[0]!.slice(20_000, 44_000);
    for (const hz of [440, 1_000]) expect(amplitudeAt(mixed, hz, 16_000)).toBeGreaterThan(4_000);
  });

  it('are WAV with 44.1 kHz, 16 bit and one channel if RECORDING_SAMPLE_RATE is 44100: 5 s are 441 kB', async () => {
    await write(new ToldCall().caller(0, 5_000, 440).ends(5_000), { sampleRateHz: 44_100 });
    const bytes = readFileSync(path.join(folder, `call_${TOLD_SID}_conversation.wav`));
    const [channels, rateHz, bits] = [bytes.readUInt16LE(22), bytes.readUInt32LE(24), bytes.readUInt16LE(34)];
    expect([channels, rateHz, bits]).toEqual([1, 44_100, 16]);
    expect(Math.round(bytes.length / 1_000)).toBe(441);
    const [sound] = readWav(bytes).pcm;
    expect(sound).toHaveLength(5 * 44_100);
    expect(amplitudeAt(sound!.slice(44_100, 88_200), 440, 44_100)).toBeGreaterThan(4_000);
  });

  it('cannot be written from a journal that holds no call', async () => {
    await expect(writeCallFiles(() => [], settings())).rejects.toThrow('does not begin with a call');
    expect(readCallRecord(folder, TOLD_SID)).toBeUndefined();
  });
});

describe('JournalJobs', () => {
  const workOn = (call: ToldCall): JournalJobs => new JournalJobs(() => call.events);
  const utteranceOf = async (call: ToldCall, turn: number) =>
    workOn(call).utterance('', (await workOn(call).read(''))!, turn);

  it('returns what a call still lacks', async () => {
    const call = (await workOn(usualCall()).read(''))!;
    expect(call).toMatchObject({ callSid: TOLD_SID, summary: undefined, recorded: true, endReason: 'stop' });
    expect(missingTexts(call)).toEqual([2]);
    const silent = new ToldCall().tell({ kind: 'end', atMs: 0, reason: 'x' });
    expect(missingTexts((await workOn(silent).read(''))!)).toEqual([]);
  });

  it('cuts an utterance out of the journal, with pre-roll and tail', async () => {
    const utterance = await utteranceOf(usualCall(), 2);
    expect(utterance!.durationMs).toBe(300 + 1_000 + 200);
    const [pcm] = readWav(utterance!.wav).pcm;
    expect(amplitudeAt(pcm!.slice(2_400, 10_400), 700, 8_000)).toBeGreaterThan(4_000);
    expect(pcm!.slice(0, 2_300).every((sample) => Math.abs(sample) < 10)).toBe(true);
    expect(await utteranceOf(usualCall(), 9)).toBeUndefined();
    expect(await utteranceOf(usualCall({ recorded: false }), 2)).toBeUndefined();
  });

  it.each([
    ['the PRE_ROLL_MS of the call', { turns: { ...USUAL.turns, preRollMs: 900 } }, 900],
    ['300 ms where the journal does not say', {}, 300],
    ['300 ms where the journal has no settings', undefined, 300],
  ])('cuts an utterance with %s', async (_, settings, preRollMs) => {
    const call = usualCall();
    call.events[0] = { ...call.events[0], settings } as CallEvent;
    const utterance = await utteranceOf(call, 2);
    expect(utterance!.durationMs).toBe(preRollMs + 1_000 + 200);
  });

  it('tells the next process how far an unfinished call has got', async () => {
    const call = usualCall();
    call.events.splice(-2);
    const history = callHistory((await workOn(call).read(''))!);
    expect(history).toMatchObject({
      turns: 2,
      replies: 2,
      pieces: 2,
      zeroAtMs: TOLD_AT_MS,
      endMs: 15_000,
      format: 'wav',
    });
    expect(history!.said.map(({ text }) => text)).toContain('one two three four —');
    expect(callHistory((await workOn(usualCall()).read(''))!)).toBeUndefined();
  });
});
