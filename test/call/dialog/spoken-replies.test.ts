import { describe, expect, it } from 'vitest';
import type { Scripted } from '../../doubles/scripted-services.ts';
import { talk } from '../scripted-talk.ts';

const nothingToSay = (text: string): boolean => !/[\p{L}\p{N}]/u.test(text);

/** A reply that streams in these pieces. */
function streamed(...pieces: readonly string[]): readonly Scripted<string>[] {
  return pieces.map((give) => ({ afterMs: 50, give }));
}

describe('Assistant with a model that writes more than words', () => {
  // moeru-ai/airi#454, livekit/agents#3043, NousResearch/hermes-agent PR 25956
  it.each(['😊', '👍🏽', '---', '***', '…', '"', ':)'])(
    'goes on after two replies that end in %s, with a voice that refuses texts without letters',
    async (last) => {
      const { call, voice, replier } = talk({
        texts: ['One.', 'Two.', 'Three.'],
        replies: [
          streamed('Great, see you tomorrow!', ` ${last}`),
          streamed('Until tomorrow then!', ` ${last}`),
          'We are open until six.',
        ],
        voice: { firstMs: 200, refuses: nothingToSay },
      });
      for (let turn = 0; turn < 3; turn += 1) {
        await call.heardOut();
        await call.callerSays(1_000);
      }
      await call.heardOut();
      const sentences = ['Great, see you tomorrow!', 'Until tomorrow then!', 'We are open until six.'];
      expect(voice.asked.map(({ text }) => text)).toEqual(sentences);
      expect(call.pieces.slice(1)).toEqual(sentences);
      expect(call.transcript.filter((line) => line.startsWith('Assistant:')).slice(1)).toEqual(
        sentences.map((one) => `Assistant: ${one}`),
      );
      expect(call.journal.of('unsaid')).toEqual([]);
      expect(replier.shown).toHaveLength(3);
    },
  );

  // huggingface/speech-to-speech#338, Mintplex-Labs/anything-llm PR 5560
  it('speaks and remembers the words without the markup', async () => {
    const { call, voice, replier } = talk({
      texts: ['One.', 'Two.'],
      replies: [
        streamed(
          'Here are your **opt',
          'ions**:\n\n1. **Billing** – press *one*\n2. `Sup',
          'port`\n\nSee [our page](https://ex',
          'ample.com/a_b).',
        ),
        'Fine with me.',
      ],
      voice: { firstMs: 200, soundMs: () => 500 },
    });
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    await call.callerSays(1_000);
    await call.heardOut();
    expect(voice.asked.map(({ text }) => text)).toEqual([
      'Here are your options:',
      'Billing – press one.',
      'Support.',
      'See our page.',
      'Fine with me.',
    ]);
    expect(replier.shown[1]!.map(({ text }) => text)).toContain(
      'Here are your options: Billing – press one. Support. See our page.',
    );
  });

  // fnl/syntok#28
  it('splits sentences by the language of the call', async () => {
    const reply = streamed('Die Abfahrt ist an Gleis 7. ', 'Regionalbahnhof Nord, ', 'also links.');
    const asked = async (language: string): Promise<string[]> => {
      const { call, voice } = talk(
        { texts: ['Wo?'], replies: [reply] },
        { settings: { talk: { language } } },
      );
      await call.heardOut();
      await call.callerSays(1_000);
      await call.heardOut();
      return voice.asked.map(({ text }) => text);
    };
    expect(await asked('de')).toHaveLength(1);
    expect(await asked('en')).toHaveLength(2);
  });

  it('gives the voice, the transcript and its own memory the words that are spoken', async () => {
    const { call, voice, replier } = talk(
      {
        texts: ['What is your number?', 'Thank you.'],
        replies: [
          streamed('Please call 212-', '555-0199', ' any time. It costs $1', '2.50.'),
          'You are welcome, goodbye.',
        ],
      },
      { settings: { talk: { spokenForm: 'all', language: 'en' } } },
    );
    for (let turn = 0; turn < 2; turn += 1) {
      await call.heardOut();
      await call.callerSays(1_000);
    }
    await call.heardOut();
    const sentences = [
      'Please call two one two, five five five, zero one nine nine any time.',
      'It costs twelve dollars and fifty cents.',
    ];
    expect(voice.asked.slice(0, 2).map(({ text }) => text)).toEqual(sentences);
    expect(call.transcript).toContain(`Assistant: ${sentences.join(' ')}`);
    expect(JSON.stringify(replier.shown[1])).toContain(sentences.join(' '));
  });
});
