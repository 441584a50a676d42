import { existsSync, readdirSync, statSync } from 'node:fs';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { readJournal } from '../../src/journal/journal-reader.ts';
import { readScenario } from '../../src/simulator/fixtures/scenario.ts';
import { newSid, placeCall, startCall } from '../../src/simulator/phone/simulated-phone.ts';
import { scenarioCall } from '../doubles/scenario-call.ts';
import { ffprobe } from '../support/ffprobe.ts';
import { IMPATIENT, keyFor, PhoneScene, SILENT_CALLER } from './phone-scene.ts';

const scene = new PhoneScene();
afterAll(() => scene.close());

describe.concurrent('when offhook hangs up', () => {
  it('asks Twilio to end the call 300 ms after the last mark returned', async () => {
    const telephone = await scene.startTelephone();
    const offhook = await scene.start({ ...IMPATIENT, ...telephone.settings });
    telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(SILENT_CALLER) });
    const report = await telephone.call.report;
    expect(report.errors).toEqual([]);
    expect(report.endedBy).toBe('rest');
    expect(telephone.rest?.requests.map(({ callSid, status }) => [callSid, status])).toEqual([
      [report.callSid, 200],
    ]);
    const [stream] = report.streams;
    const afterLastMarkMs = stream!.lengthMs - stream!.marks.at(-1)!.atMs;
    expect(afterLastMarkMs).toBeGreaterThanOrEqual(300);
    expect(afterLastMarkMs).toBeLessThan(800);
    await offhook.finished(report.callSid);
    const { turns } = offhook.json(report.callSid);
    expect(turns.at(-1)).toMatchObject({
      speaker: 'assistant',
      cut: false,
      text: 'Thank you for your message. Goodbye.',
    });
  });

  it.each([
    ['fails', { kind: 'status', status: 500 }],
    ['hangs', { kind: 'hang' }],
  ] as const)('if Twilio’s API %s, it closes the stream and does not continue the call', async (_, fault) => {
    const telephone = await scene.startTelephone();
    const offhook = await scene.start({ ...IMPATIENT, ...telephone.settings });
    telephone.rest?.setFault(fault);
    telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(SILENT_CALLER) });
    const report = await telephone.call.report;
    expect(report.streams).toHaveLength(1);
    expect(report.streams[0]?.endedBy).toBe('application');
    expect(report.twiml.at(-1)).toContain('<Hangup/>');
    expect(report.twiml.at(-1)).not.toContain('<Connect');
    await offhook.finished(report.callSid);
    expect(offhook.json(report.callSid).turns.at(-1)?.text).toBe('Thank you for your message. Goodbye.');
  });
});

describe.concurrent('a silent caller', () => {
  it('is asked whether they are there, and later hears a goodbye before the call is ended', async () => {
    const [telephone, openAi] = [await scene.startTelephone(), await scene.startOpenAi()];
    const offhook = await scene.start({
      ...{ ...keyFor(openAi), ...telephone.settings },
      ...{ STILL_THERE_AFTER_MS: '2000', GOODBYE_AFTER_MS: '2000' },
    });
    telephone.call = startCall({ ...offhook.signedAddress, ...scenarioCall(SILENT_CALLER) });
    const report = await telephone.call.report;
    expect(report.endedBy).toBe('rest');
    await offhook.finished(report.callSid);
    const { turns, endReason } = offhook.json(report.callSid);
    expect(turns.map(({ text }) => text)).toEqual([
      'Thank you for calling. How can I help you?',
      'Are you still there?',
      'Thank you for calling. Goodbye.',
    ]);
    expect(endReason).toBe('silence');
    expect(turns[0]!.startMs).toBeLessThan(2_000);
    for (const [before, after] of [turns.slice(0, 2), turns.slice(1)]) {
      const quietMs = after!.startMs - before!.endMs;
      expect(quietMs).toBeGreaterThanOrEqual(1_900);
      expect(quietMs).toBeLessThan(3_000);
    }
  });
});

describe.concurrent('keys', () => {
  it('are in the transcript and are sent to the chat model', async () => {
    const openAi = await scene.startOpenAi();
    const offhook = await scene.start({ ...keyFor(openAi), DEFAULT_AUDIO_FORMAT: 'wav' });
    const report = await placeCall({ ...offhook.signedAddress, ...scenarioCall(readScenario('keys')) });
    await offhook.finished(report.callSid);
    const lines = offhook.transcript(report.callSid).trim().split('\n');
    const keys = lines.flatMap((line) => /\] Caller: \[pressed (.)\]$/.exec(line)?.[1] ?? []);
    expect(keys).toEqual(['5', '5', '1', '2']);
    const asked = openAi.requests.filter(({ service }) => service === 'chat').at(-1)?.body['messages'];
    expect(JSON.stringify(asked)).toMatch(/\[pressed 5\].*\[pressed 5\].*\[pressed 1\].*\[pressed 2\]/);
  });
});

describe.concurrent('with recording off', () => {
  it('no audio is stored, no format can be set, and the texts are still written', async () => {
    const openAi = await scene.startOpenAi();
    const offhook = await scene.start({
      ...keyFor(openAi),
      RECORD_CONVERSATIONS: 'false',
      KEEP_JOURNALS: 'true',
    });
    const callSid = newSid('CA');
    let asked: Promise<Response> | undefined;
    await placeCall({
      ...{ ...offhook.signedAddress, callSid },
      ...scenarioCall(readScenario('barge-in-greeting')),
      onProgress: ({ kind }) => {
        if (kind === 'stream') asked ??= offhook.setFormat(callSid, 'flac');
      },
    });
    expect((await asked)?.status).toBe(409);
    await offhook.finished(callSid);
    expect(
      readdirSync(offhook.directory)
        .filter((name) => name.startsWith('call_'))
        .sort(),
    ).toEqual([`call_${callSid}.json`, `call_${callSid}.txt`, `call_${callSid}_summary.txt`]);
    expect(offhook.json(callSid).audio).toBeNull();
    expect(offhook.summary(callSid)).toContain('Audio File: none (recording is off)');
    expect(offhook.transcript(callSid)).toContain('Caller: Hello, I need a taxi to the station.');
    expect(offhook.transcript(callSid)).not.toMatch(/transcribed\]/);
    const journal = offhook.fileOf(`.offhook/kept/${callSid}.journal`);
    await vi.waitFor(() => expect(existsSync(journal)).toBe(true));
    const events = [...readJournal(journal)];
    const sounds = events.filter((event) => event.kind === 'caller' || event.kind === 'sent');
    expect(sounds.length).toBeGreaterThan(300);
    expect(sounds.every((event) => event.mulaw.length === 0 && event.samples > 0)).toBe(true);
    expect(statSync(journal).size).toBeLessThan(sounds.length * 60 + 50_000);
  });
});

describe.concurrent('without an API key', () => {
  it('offhook is an answering machine: greeting, tone, a prompt in the pause, and all files', async () => {
    const offhook = await scene.start({ DEFAULT_AUDIO_FORMAT: 'wav' });
    const report = await placeCall({ ...offhook.signedAddress, ...scenarioCall(readScenario('message')) });
    await offhook.finished(report.callSid);
    const words = offhook
      .transcript(report.callSid)
      .trim()
      .split('\n')
      .map((line) => line.replace(/^\[[\d:.]+\] /, ''));
    expect(words[0]).toMatch(/^Assistant: .*after the tone/i);
    expect(words.filter((line) => line === 'Caller: [not yet transcribed]').length).toBeGreaterThanOrEqual(2);
    expect(words).toContain('Assistant: Thank you. You may add something, or hang up.');
    const { turns, pending, summaryBy } = offhook.json(report.callSid);
    expect(pending).toBe(turns.filter(({ speaker }) => speaker === 'caller').length);
    expect(summaryBy).toBe('extract');
    expect(ffprobe(offhook.fileOf(`call_${report.callSid}_conversation.wav`)).codec).toBe('pcm_s16le');
    const [caller] = turns.filter(({ speaker }) => speaker === 'caller');
    const offered = turns.find(({ text }) => text?.includes('You may add something'));
    expect(offered!.startMs - caller!.endMs).toBeGreaterThanOrEqual(1_900);
    expect(offered!.startMs - caller!.endMs).toBeLessThanOrEqual(4_000);
  });
});
