import { describe, expect, it } from 'vitest';
import { ServiceError } from '../../src/call/ports.ts';
import { exportCall } from '../../src/simulator/fixtures/exported-call.ts';
import { type Scripted, ScriptedStreamingTranscriber } from '../doubles/scripted-services.ts';
import { RehearsedCall } from './rehearsed-call.ts';
import { NEVER, talk } from './scripted-talk.ts';

const TURNS = {
  endOfTurnMs: 700,
  preRollMs: 300,
  minSpeechMs: 120,
  bargeInMs: 400,
  longestUtteranceMs: 30_000,
  pauseMs: 180,
};
const BROKEN = new ServiceError('streaming-transcription', 'transcribing', {
  transient: true,
  details: { server: 'text.example', said: 'the connection was closed' },
});

/** A call whose speech is streamed; `texts` of the stream, `whole` of complete utterances. */
function streamed(texts: readonly Scripted<string>[], whole: readonly string[] = [], replies = ['Yes.']) {
  const clock = RehearsedCall.clock();
  const streaming = new ScriptedStreamingTranscriber(clock.sleep, texts);
  const talked = talk(
    { texts: whole, replies },
    { clock, streamingTranscriber: streaming, settings: { turns: TURNS } },
  );
  return { ...talked, streaming };
}

describe('the speech of a caller', () => {
  it('is streamed while it is spoken, and its text requested at the pause', async () => {
    const { call, streaming, transcriber } = streamed([{ afterMs: 100, give: 'Are you open today?' }]);
    await call.heardOut();
    await call.callerSays(2_000);
    expect(streaming.heard).toBeGreaterThan(1_500 * 8);
    expect(streaming.requested).toEqual([]);
    await call.until(() => call.pieces.includes('Yes.'));
    expect(streaming.requested).toHaveLength(1);
    expect(streaming.requested[0]!.continuesWhatWasHeard).toBe(true);
    expect(transcriber.asked).toEqual([]);
    expect(call.transcript).toContain('Caller: Are you open today?');
    expect(call.journal.of('answer')[0]!.answer).toMatchObject({
      service: 'streaming-transcription',
      request: expect.stringMatching(/^turn 1, \d+ ms$/u) as string,
      pieces: [{ text: 'Are you open today?' }],
    });
  });

  it('is shown as far as it is understood while it is spoken, and neither stored nor shown after its end', async () => {
    const { call, streaming } = streamed([
      { afterMs: 100, give: 'My number is' },
      { afterMs: 100, give: 'My number is five.' },
    ]);
    const shown = (): string | undefined => call.call.dialog.partialText;
    await call.heardOut();
    expect(shown()).toBeUndefined();
    const speaking = call.callerSays(1_000);
    streaming.partialText = 'My num';
    await speaking;
    expect(shown()).toBe('My num');
    streaming.partialText = '';
    await call.run(400);
    // The text of the pause; after it, the stream begins again.
    expect(shown()).toBe('My number is');
    const goingOn = call.callerSays(1_000);
    streaming.partialText = 'My';
    await call.run(100);
    expect(shown()).toBe('My number is');
    streaming.partialText = 'My number is fi';
    await goingOn;
    expect(shown()).toBe('My number is fi');
    await call.until(() => call.pieces.includes('Yes.'));
    expect(shown()).toBeUndefined();
    expect(JSON.stringify(call.journal.events)).not.toContain('My number is fi"');
    expect(JSON.stringify(call.journal.events)).not.toContain('My num"');
  });

  it('is shown from pause to pause where only complete utterances are transcribed', async () => {
    const { call } = talk({ texts: ['My number is', 'My number is five.'] }, { settings: { turns: TURNS } });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(400);
    await call.callerSays(500);
    expect(call.call.dialog.partialText).toBe('My number is');
    await call.run(3_000);
    expect(call.call.dialog.partialText).toBeUndefined();
  });

  it('is streamed again from its beginning when the caller goes on after a pause', async () => {
    const { call, streaming } = streamed([
      { afterMs: 100, give: 'My number is' },
      { afterMs: 100, give: 'My number is five.' },
    ]);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.run(400);
    await call.callerSays(1_000);
    await call.until(() => call.pieces.includes('Yes.'));
    const [first, second] = streaming.requested;
    expect(streaming.requested).toHaveLength(2);
    expect(second!.samples).toBeGreaterThan(first!.samples + 1_300 * 8);
    expect(second!.heardBefore).toBeGreaterThan(first!.samples + 1_000 * 8);
    expect(second!.continuesWhatWasHeard).toBe(true);
    expect(call.transcript.filter((line) => line.startsWith('Caller'))).toEqual([
      'Caller: My number is five.',
    ]);
  });

  it('is not streamed while the service is not to be asked: complete utterances are sent, and nothing has failed', async () => {
    const { call, streaming, transcriber } = streamed([], ['Are you open today?']);
    streaming.available = false;
    await call.heardOut();
    await call.callerSays(2_000);
    await call.until(() => call.pieces.includes('Yes.'));
    expect(streaming.requested).toEqual([]);
    expect(transcriber.asked).toHaveLength(1);
    expect(call.journal.of('answer').filter(({ answer }) => answer.failure)).toEqual([]);
  });

  it('is streamed to the end of the call; the text of the last words still arrives', async () => {
    const { call, streaming } = streamed([{ afterMs: 3_000, give: 'Goodbye then.' }]);
    await call.heardOut();
    call.phone.callerSpeaks(1_000);
    await call.run(800);
    call.call.ended('completed', call.clock.nowMs);
    expect(streaming.ended).toBe(true);
    await call.run(4_000);
    expect(call.transcript).toContain('Caller: Goodbye then.');
  });
});

describe('a stream that fails', () => {
  it.each([
    ['at once', 0],
    ['after two seconds', 2_000],
  ])('%s: the same utterance is sent as a whole, once, and the failure is recorded', async (_, afterMs) => {
    const { call, transcriber } = streamed([{ afterMs, give: BROKEN }], ['Are you open today?']);
    await call.heardOut();
    await call.callerSays(2_000);
    const waitedMs = await call.until(() => call.pieces.includes('Yes.'));
    expect(waitedMs).toBeLessThan(4_000);
    expect(transcriber.asked).toHaveLength(1);
    expect(transcriber.asked[0]!.durationMs).toBeGreaterThan(2_000);
    expect(call.transcript).toContain('Caller: Are you open today?');
    const answers = call.journal.of('answer').map(({ answer }) => answer);
    expect(answers.filter(({ failure }) => failure)).toMatchObject([
      {
        service: 'streaming-transcription',
        failure: {
          kind: 'service',
          server: 'text.example',
          said: 'the connection was closed',
          did: 'requested the text of the whole utterance over HTTP',
        },
      },
    ]);
    expect(call.reading.figures.serviceFailures).toBe(1);
    expect(call.reading.turns[0]!.timing!.pauseMs).toBeLessThan(300);
  });

  it.each([
    ['of a stream', [{ afterMs: 100, give: 'Are you open today?' }], 1],
    ['of a stream that fails', [{ afterMs: 100, give: BROKEN }], 2],
  ])('is exported as one transcription: %s', async (_, texts, answered) => {
    const { call } = streamed(texts, ['Are you open today?']);
    await call.heardOut();
    await call.callerSays(2_000);
    await call.until(() => call.pieces.includes('Yes.'));
    const answers = call.journal
      .of('answer')
      .filter(({ answer }) => answer.service.endsWith('transcription'));
    expect(answers).toHaveLength(answered);
    const entries = exportCall(call.journal.events).entries.filter((entry) => 'service' in entry);
    expect(entries.filter(({ service }) => service === 'transcription')).toMatchObject([
      { answer: { text: 'Are you open today?' } },
    ]);
  });

  it('costs no words of any turn of a call', async () => {
    const said = ['One is enough.', 'Two are enough.', 'Three are enough.'];
    const { call } = streamed(
      [BROKEN, BROKEN, BROKEN].map((give) => ({ afterMs: 50, give })),
      said,
      ['A.', 'B.', 'C.'],
    );
    await call.heardOut();
    for (const reply of ['A.', 'B.', 'C.']) {
      await call.callerSays(1_000);
      await call.until(() => call.pieces.includes(reply));
      await call.heardOut();
    }
    expect(call.transcript.filter((line) => line.startsWith('Caller'))).toEqual(
      said.map((text) => `Caller: ${text}`),
    );
  });

  it('that never answers is given up with its turn, and the caller hears fillers meanwhile', async () => {
    const { call } = streamed([NEVER]);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.pieces.some((piece) => piece.includes('filler')));
    await call.until(() => call.pieces.some((piece) => piece.includes('apology')));
    expect(
      call.journal.of('answer').map(({ answer }) => [answer.service, answer.failure?.code]),
    ).toContainEqual(['streaming-transcription', 'timeout']);
  });

  it('by an error of our own is no reason for another request', async () => {
    // At the pause, and at the end of the turn.
    const ours = { afterMs: 50, give: new TypeError('ours') };
    const { call, transcriber } = streamed([ours, ours], ['Never asked.']);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.until(() => call.journal.of('no-text').length > 0);
    expect(transcriber.asked).toEqual([]);
    expect(call.journal.of('answer')[0]!.answer.failure).toMatchObject({ kind: 'program' });
  });
});
