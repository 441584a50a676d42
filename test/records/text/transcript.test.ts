import { describe, expect, it } from 'vitest';
import { reconstructCall } from '../../../src/records/reconstruct-call.ts';
import { extractiveSummary } from '../../../src/records/text/extractive-summary.ts';
import { duration, fileSize, summaryText } from '../../../src/records/text/summary-file.ts';
import { transcriptLines, transcriptOf } from '../../../src/records/text/transcript.ts';
import { TOLD_AT_MS, TOLD_SID, ToldCall, usualCall } from '../told-call.ts';

const linesOf = (call: ToldCall): string[] => transcriptLines(transcriptOf(reconstructCall(call.events)!));

/** Of the assistant's own lines the millisecond is not certain: evidence is an interval. */
const near = (lines: readonly string[]): string[] =>
  lines.map((line) => (line.includes('Assistant') ? line.replace(/\.\d{3}\]/u, '.~]') : line));

describe('the transcript', () => {
  it('has a line for each turn in order of speech start', () => {
    expect(near(linesOf(usualCall()))).toEqual([
      '[00:00.~] Assistant: Thank you for calling. How can I help you?',
      '[00:05.160] Caller: I would like to ask about an invoice.',
      '[00:09.~] Assistant: one two three four —',
      '[00:11.000] Caller: [not yet transcribed]',
      '[00:13.000] Caller: [pressed 5]',
    ]);
  });

  it('places a late text where it was spoken', () => {
    const call = new ToldCall().caller(0, 1_000, 440).turn(1, 0, 1_000).caller(1_000, 2_000);
    call.turn(2, 2_000, 2_500, 'The second.').caller(3_000, 1_000).ends(4_000);
    call.tell({ kind: 'text', atMs: TOLD_AT_MS + 60_000, turn: 1, text: 'The\nfirst. ' });
    expect(linesOf(call)).toEqual(['[00:00.000] Caller: The first.', '[00:02.000] Caller: The second.']);
  });

  it('marks turns that will never have a text, and omits utterances without words', () => {
    const call = new ToldCall()
      .caller(0, 5_000)
      .turn(1, 0, 500)
      .turn(2, 1_000, 1_500, '')
      .turn(3, 2_000, 2_500);
    const no = { kind: 'no-text', atMs: TOLD_AT_MS + 9_000, reason: 'late' } as const;
    call
      .tell({ ...no, turn: 1, final: true })
      .tell({ ...no, turn: 3, final: false })
      .ends(5_000);
    expect(linesOf(call)).toEqual([
      '[00:00.000] Caller: [not transcribed]',
      '[00:02.000] Caller: [not yet transcribed]',
    ]);
  });

  it('counts minutes beyond an hour', () => {
    const call = new ToldCall().caller(0, 100).turn(1, 3_723_004, 3_724_000, 'Still here.');
    expect(linesOf(call.caller(3_723_000, 2_000).ends(3_725_000))).toEqual([
      '[62:03.004] Caller: Still here.',
    ]);
  });

  it('joins the sentences of a reply, and keeps unheard words for the JSON only', () => {
    const call = new ToldCall().caller(0, 1_000);
    call
      .says(1_000, 2_000, { text: 'The first sentence.', reply: 7 })
      .says(1_000, 4_000, { text: 'alpha beta gamma delta', reply: 7 });
    call.caller(1_000, 4_000).clears(5_000).caller(5_000, 2_000);
    call.tell({ kind: 'unsaid', atMs: TOLD_AT_MS + 5_000, reply: 7, text: 'Never made.' }).ends(7_000);
    const turns = transcriptOf(reconstructCall(call.events)!);
    expect(turns.length).toBe(1);
    expect(turns[0]).toMatchObject({
      speaker: 'assistant',
      text: 'The first sentence. alpha beta',
      unheard: 'gamma delta Never made.',
      cut: true,
      evidence: 'acked',
    });
    expect(linesOf(call)[0]).toMatch(/ Assistant: The first sentence\. alpha beta —$/u);
  });

  it('has no line for a tone, or for a reply that was not heard', () => {
    const call = new ToldCall()
      .caller(0, 1_000)
      .says(1_000, 500, { text: '', role: 'tone' })
      .caller(1_000, 1_000);
    call.says(2_000, 500, { text: 'Too late.' }).clears(2_000).caller(2_000, 1_000).ends(3_000);
    expect(linesOf(call)).toEqual([]);
  });

  it('names the operator', () => {
    const call = new ToldCall()
      .caller(0, 1_000)
      .says(1_000, 500, { speaker: 'operator', text: 'Hello, a person here.' });
    expect(near(linesOf(call.caller(1_000, 1_000).ends(2_000)))[0]).toMatch(
      /Operator: Hello, a person here\.$/u,
    );
  });
});

describe('the summary file', () => {
  const recording = {
    path: `/srv/offhook/responses/call_${TOLD_SID}_conversation.mp3`,
    sizeBytes: 1_234_567,
    sha256: '',
    format: 'mp3',
    sampleRateHz: 16_000,
    channels: 1,
    bitrateKbps: 128,
    frames: 240_000,
    createdAtMs: Date.parse('2026-07-13T10:30:00.000Z'),
  } as const;

  it('has exactly this layout', () => {
    const call = new ToldCall({ from: '+15550100', format: 'mp3' }).caller(0, 83_000).ends(83_000);
    const text = summaryText(
      reconstructCall(call.events)!,
      'An invoice\nwas asked about.',
      ['[00:00.000] Caller: Hi.'],
      recording,
    );
    expect(text).toBe(`=== CALL SUMMARY ===
Call SID: CA0123456789abcdef0123456789abcdef
Call Completed: 2026-07-13T10:30:00.000Z
From: +15550100
To: +15550199
Duration: 1 min 23 s
Summary: An invoice was asked about.

=== ALL RESPONSES ===
[00:00.000] Caller: Hi.

=== AUDIO RECORDING ===
Audio File: call_CA0123456789abcdef0123456789abcdef_conversation.mp3
Full Path: /srv/offhook/responses/call_CA0123456789abcdef0123456789abcdef_conversation.mp3
File Size: 1.2 MB
Created: 2026-07-13T10:30:00.000Z
Audio: MP3, 128 kbit/s, 16000 Hz, mono
`);
  });

  it('says that no audio was recorded', () => {
    const text = summaryText(reconstructCall(new ToldCall().ends(0).events)!, 'Nothing.', [], undefined);
    expect(
      text.endsWith(
        '=== ALL RESPONSES ===\n\n=== AUDIO RECORDING ===\nAudio File: none (recording is off)\n',
      ),
    ).toBe(true);
  });

  it("has an intact layout whatever the caller's name", () => {
    const call = new ToldCall({ from: 'sip:x@y\n=== CALL SUMMARY ===' }).ends(0);
    expect(summaryText(reconstructCall(call.events)!, '', [], undefined)).toContain(
      'From: sip:x@y === CALL SUMMARY ===\n',
    );
  });

  it('formats lengths and sizes', () => {
    expect([0, 499, 59_600, 3_600_000].map(duration)).toEqual([
      '0 min 0 s',
      '0 min 0 s',
      '1 min 0 s',
      '60 min 0 s',
    ]);
    expect([0, 999, 1_000, 123_456, 1_200_000].map(fileSize)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '123.5 kB',
      '1.2 MB',
    ]);
  });
});

describe('the extractive summary', () => {
  it('contains the first lines, and numbers, names and dates', () => {
    const extract = extractiveSummary([
      'Hello, my name is Peter Collins.',
      'I call about invoice 4711, due on 3 November 2026.',
      'Ring me on +49 30 1234567 tomorrow.',
      'That is all.',
    ]);
    expect(extract).toBe(
      'The caller said: “Hello, my name is Peter Collins.” “I call about invoice 4711, due on 3 November 2026.” ' +
        '“Ring me on +49 30 1234567 tomorrow.” (1 more) Names: Peter Collins. Numbers: 4711, +49 30 1234567. ' +
        'Dates: 3 November 2026, tomorrow.',
    );
  });

  it('shortens long lines, and says that a call has no words', () => {
    expect(extractiveSummary(['word '.repeat(100)]).length).toBeLessThan(200);
    expect(extractiveSummary(['', ' '])).toBe('The caller said nothing that was understood.');
    expect(extractiveSummary([`${'x'.repeat(300)} end`]).length).toBeLessThan(200);
  });
});
