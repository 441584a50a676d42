import type { SearchHit } from '../../src/catalogue/catalogue.ts';
import type { MicrophoneEntry } from '../../src/catalogue/microphone-entry.ts';
import type { CataloguedCall, CatalogueEntry } from '../../src/records/call-entry.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';

/** 2025-06-15T15:06:40Z */
export const SOME_TIME_MS = 1_750_000_000_000;

/** A call SID of its own for each number. */
export function sidOf(number: number): string {
  return `CA${number.toString(16).padStart(32, '0')}`;
}

/** A call that is going on; what matters to a test is given. */
export function liveCall(
  number: number,
  given: Partial<CataloguedCall> = {},
): Omit<CataloguedCall, 'notes' | 'hold'> {
  return {
    callSid: sidOf(number),
    from: '+4930123456',
    to: '+15550001111',
    startedAtMs: SOME_TIME_MS + number * 60_000,
    state: 'live',
    format: 'mp3',
    keywords: [],
    files: [],
    ...given,
  };
}

/** The caller's turn `number`, said in second `number`. */
export function spokenTurn(
  number: number,
  text: string,
  given: Partial<TranscriptTurn> = {},
): TranscriptTurn {
  return {
    id: `caller-${number}`,
    speaker: 'caller',
    kind: 'speech',
    startMs: number * 1_000,
    endMs: number * 1_000 + 800,
    text,
    cut: false,
    pending: false,
    turn: number,
    ...given,
  };
}

/** A finished call in which these texts were said, one after the other. */
export function finishedCall(
  number: number,
  texts: readonly string[] = [],
  given: Partial<CatalogueEntry> = {},
): CatalogueEntry {
  const { startedAtMs } = liveCall(number, given);
  return {
    ...liveCall(number),
    state: 'finished',
    completedAtMs: startedAtMs + 30_000,
    durationMs: 30_000,
    endReason: 'caller hung up',
    outcome: 'conversation',
    summary: 'A call.',
    summaryBy: 'extract',
    pending: 0,
    notes: [],
    turns: texts.map((text, index) => spokenTurn(index + 1, text)),
    ...given,
  };
}

/** A finished call of which everything is known that can be. */
export function fullCall(number: number): CatalogueEntry {
  return finishedCall(number, [], {
    from: 'client:Zoë "Z" O’Neil; DROP TABLE calls',
    keywords: ['invoice', '4711', '%_\\'],
    files: [
      { kind: 'recording', name: 'call.mp3', sizeBytes: 123_456_789, sha256: 'ab'.repeat(32) },
      {
        kind: 'json',
        name: 'call.json',
        sizeBytes: 9,
        sha256: 'cd'.repeat(32),
        url: 's3://bucket/call.json',
      },
    ],
    figures: {
      ...{ framesReceived: 1_500, framesLate: 1, gapsMs: 20.5, longestGapMs: 20.5, interruptions: 1 },
      ...{ marksSent: 4, marksReturned: 4, oddities: 0, answerMs: [312.25, 290], bargeInMs: [480] },
    },
    notes: [{ id: 'n1', atMs: SOME_TIME_MS, text: 'Called back.\nIs fine. 🙂' }],
    hold: { sinceMs: SOME_TIME_MS + 1, reason: 'court' },
    turns: [
      spokenTurn(1, 'Hello'),
      spokenTurn(2, 'x', {
        ...{ id: 'reply-1', speaker: 'assistant', text: 'Good', unheard: 'morning, 100 % of you', cut: true },
        ...{ evidence: 'estimated', bounds: { fromMs: 1_999.5, toMs: 2_040.25 } },
      }),
      {
        ...{ id: 'keys-1', speaker: 'caller', kind: 'keys', startMs: 3_000, endMs: 3_000 },
        ...{ text: '[pressed 5]', cut: false },
      },
      {
        ...{ id: 'caller-3', speaker: 'caller', kind: 'speech', startMs: 4_000.125, endMs: 5_000 },
        ...{ cut: false, pending: true, turn: 3 },
      },
      spokenTurn(6, '', { id: 'reply-2', speaker: 'operator' }),
    ],
  });
}

/** A transcribed recording of the microphone; what matters to a test is given. */
export function microphoneEntry(number: number, given: Partial<MicrophoneEntry> = {}): MicrophoneEntry {
  return {
    name: `recording_${String(number).padStart(3, '0')}.wav`,
    ...{ createdAtMs: SOME_TIME_MS + number, sizeBytes: 5_000_000_000, durationMs: 1_234.5 },
    ...{ sha256: 'ef'.repeat(32), format: 'wav', transcription: 'done', language: 'en' },
    keywords: ['recording'],
    utterances: [{ startMs: 100, endMs: 900, text: `This is recording ${number}.` }],
    ...given,
  };
}

/** The CallSid of a hit in a call. */
export function sidOfHit(hit: SearchHit): string {
  return hit.type === 'call' ? hit.callSid : `no call, but ${hit.name}`;
}
