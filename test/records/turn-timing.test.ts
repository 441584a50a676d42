import { expect, test } from 'vitest';
import type { ServiceResponse } from '../../src/events/call-events.ts';
import { reconstructCall } from '../../src/records/reconstruct-call.ts';
import { transcriptOf } from '../../src/records/text/transcript.ts';
import { TOLD_AT_MS, ToldCall } from './told-call.ts';

/** A response, by call times. */
function answered(
  call: ToldCall,
  service: ServiceResponse['service'],
  request: string,
  { askedMs, firstMs, error }: { askedMs: number; firstMs?: number; error?: string },
): void {
  const piece = service === 'speech' ? { samples: 800 } : { text: 'Yes.' };
  const pieces = firstMs === undefined ? [] : [{ afterMs: firstMs - askedMs, ...piece }];
  const answer = { service, id: 1, askedAtMs: TOLD_AT_MS + askedMs, request, pieces, error };
  call.tell({ kind: 'answer', atMs: TOLD_AT_MS + (firstMs ?? askedMs), answer });
}

function timingsOf(call: ToldCall): unknown[] {
  return transcriptOf(reconstructCall(call.events)!)
    .filter(({ speaker }) => speaker === 'caller')
    .map(({ timing }) => timing);
}

test('a turn has the times of its text, its end, and the reply, since the last voiced sample', () => {
  const call = new ToldCall().caller(0, 1_000, 440).caller(1_000, 620);
  // Requested at the first pause; a first request was cancelled when the caller went on.
  answered(call, 'transcription', 'turn 1, 500 ms', { askedMs: 700, error: 'cancelled' });
  answered(call, 'transcription', 'turn 1, 1000 ms', { askedMs: 1_180, firstMs: 1_330 });
  call.tell({ kind: 'utterance', atMs: TOLD_AT_MS + 1_350, turn: 1, startMs: 0, endMs: 1_000, asked: true });
  call.tell({ kind: 'text', atMs: TOLD_AT_MS + 1_350, turn: 1, text: 'Yes.' });
  call.says(1_620, 1_000, { text: 'Indeed.' });
  answered(call, 'chat', 'Yes?', { askedMs: 600, firstMs: 650, error: 'cancelled' });
  answered(call, 'chat', 'Yes.', { askedMs: 1_330, firstMs: 1_480 });
  answered(call, 'speech', 'Indeed.', { askedMs: 1_500, firstMs: 1_620 });
  const [timing] = timingsOf(call.caller(1_620, 1_280).ends(2_900)) as [{ heardMs: number }];
  expect(timing).toMatchObject({
    pauseMs: 180,
    textMs: 330,
    decidedMs: 350,
    tokenMs: 480,
    audioMs: 620,
    sentMs: 620,
  });
  expect(Math.abs(timing.heardMs - 620)).toBeLessThanOrEqual(20);
});

test('a turn without a reply has none; the turn before a reply has it', () => {
  const call = new ToldCall().caller(0, 1_000, 440).turn(1, 0, 1_000, 'One.').caller(1_000, 2_000);
  call.turn(2, 1_500, 2_500, 'Two.').says(3_500, 500).caller(3_000, 1_500);
  const [first, second] = timingsOf(call.ends(4_500));
  expect(first).toBeUndefined();
  expect(second).toMatchObject({ decidedMs: 700, sentMs: 1_000 });
});

test('the figures have the steps of the replies that were heard', () => {
  const call = new ToldCall().caller(0, 1_000, 440).turn(1, 0, 1_000, 'One.').caller(1_000, 1_000);
  call.says(2_000, 500).caller(2_000, 1_000).turn(2, 2_600, 3_000, 'Two.').says(3_700, 500);
  const { replySteps } = reconstructCall(call.ends(3_000).events)!.figures;
  expect(replySteps).toMatchObject({ decidedMs: [700], textMs: [], tokenMs: [], audioMs: [] });
  expect(replySteps!.heardMs.length).toBe(1);
  expect(Math.abs(replySteps!.heardMs[0]! - 1_000)).toBeLessThanOrEqual(20);
});

test('times of a later stream count from its own start', () => {
  const call = new ToldCall().caller(0, 500).tell({
    kind: 'stream-end',
    atMs: TOLD_AT_MS + 500,
    reason: 'closed',
  });
  call.stream(10_000, 600).caller(10_000, 1_000, 440, 0);
  call.tell({
    kind: 'utterance',
    atMs: TOLD_AT_MS + 11_350,
    turn: 1,
    startMs: 600,
    endMs: 1_600,
    asked: true,
  });
  call.says(11_400, 500).caller(11_000, 900, undefined, 1_000);
  expect(timingsOf(call.ends(12_000))).toMatchObject([{ decidedMs: 350, sentMs: 400 }]);
});
