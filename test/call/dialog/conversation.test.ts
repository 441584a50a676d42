import { describe, expect, it } from 'vitest';
import { Conversation } from '../../../src/call/dialog/conversation.ts';
import { Playback } from '../../../src/call/playback/playback.ts';

/** A reply of one piece that was sent at `atMs` on a line without delay. */
function say(
  conversation: Conversation,
  playback: Playback,
  piece: number,
  text: string,
  atMs: number,
): void {
  conversation.piece(piece, 'assistant', { piece, text, playback }, atMs);
  playback.sent(piece, 8_000, atMs);
  conversation.complete(piece, 8_000);
}

describe('Conversation', () => {
  it('contains of the assistant what was heard until then', () => {
    const conversation = new Conversation();
    const playback = new Playback(0);
    say(conversation, playback, 1, 'one two three four', 0);
    expect(conversation.said(0)).toEqual([]);
    expect(conversation.said(500)).toEqual([{ speaker: 'assistant', text: 'one two —' }]);
    expect(conversation.said(1_000)).toEqual([{ speaker: 'assistant', text: 'one two three four' }]);
  });

  it('puts a late text at its position', () => {
    const conversation = new Conversation();
    conversation.utterance(1, 0);
    conversation.key('5', 0);
    conversation.utterance(2, 0);
    conversation.text(2, 'second');
    conversation.text(1, 'first');
    conversation.text(9, 'of another call');
    expect(conversation.said(0).map(({ text }) => text)).toEqual(['first', '[pressed 5]', 'second']);
  });

  it('puts keys behind words that began before them, although their turn ends later', () => {
    const conversation = new Conversation();
    conversation.key('1', 1_000, 1_000);
    conversation.utterance(1, 4_000, 'caller', 2_000);
    conversation.key('5', 5_500, 5_500);
    conversation.key('6', 5_700, 5_700);
    conversation.utterance(2, 6_500, 'caller', 5_000);
    conversation.utterance(3, 9_000, 'caller', 8_000);
    for (const turn of [1, 2, 3]) conversation.text(turn, `turn ${turn}`);
    expect(conversation.said(0).map(({ text }) => text)).toEqual([
      '[pressed 1]',
      'turn 1',
      'turn 2',
      '[pressed 5]',
      '[pressed 6]',
      'turn 3',
    ]);
  });

  it('keeps a reply on a line without caller frames, and after many prompts', () => {
    const conversation = new Conversation();
    const playback = new Playback(0);
    say(conversation, playback, 1, 'the reply that counts', 0);
    for (let prompt = 2; prompt < 14; prompt += 1) {
      playback.dateLastMarks(prompt * 10_000);
      playback.sent(prompt, 8_000, prompt * 10_000);
    }
    for (let key = 0; key < 10; key += 1) conversation.key(String(key), 200_000 + key);
    expect(conversation.said(300_000)[0]).toEqual({ speaker: 'assistant', text: 'the reply that counts' });
  });

  it('keeps what was heard after the stream has ended', () => {
    const conversation = new Conversation([{ speaker: 'caller', text: 'before' }]);
    const playback = new Playback(0);
    say(conversation, playback, 1, 'one two three four', 0);
    playback.ended(500);
    conversation.fix(500);
    expect(conversation.said(1e9)).toEqual([
      { speaker: 'caller', text: 'before' },
      { speaker: 'assistant', text: 'one two —' },
    ]);
  });

  it('says how much was heard of a response, unless others spoke the rest of it', () => {
    const conversation = new Conversation();
    const playback = new Playback(0);
    const spoken = { request: 7, fromSample: 0 };
    conversation.piece(1, 'assistant', { piece: 1, text: 'We are open', playback, spoken }, 0);
    playback.sent(1, 8_000, 0);
    conversation.complete(1, 8_000);
    expect(conversation.entries(500)[0]!.spoken).toEqual({ request: 7, heardSamples: 4_000 });
    conversation.piece(1, 'assistant', { piece: 2, text: 'from nine to five.', playback }, 1_000);
    playback.sent(2, 8_000, 1_000);
    conversation.complete(2, 8_000);
    const [entry] = conversation.entries(2_000);
    expect(entry).toMatchObject({ text: 'We are open from nine to five.' });
    expect(entry!.spoken).toBeUndefined();
  });

  it('remembers the last eighty entries', () => {
    const conversation = new Conversation();
    for (let turn = 1; turn <= 200; turn += 1) {
      conversation.utterance(turn, turn);
      conversation.text(turn, `text ${turn}`);
    }
    const said = conversation.said(1_000);
    expect(said.length).toBe(80);
    expect(said.at(-1)!.text).toBe('text 200');
  });
});
