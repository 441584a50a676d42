import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { decodeMulaw } from '../../src/audio/mulaw.ts';
import { type ConversationTurn, RETRACT } from '../../src/call/ports.ts';
import { ChatReplier } from '../../src/openai/chat/chat-replier.ts';
import { ServerProfiles } from '../../src/openai/server/server-profiles.ts';
import { SpeechVoice } from '../../src/openai/speech/speech-voice.ts';
import { WhisperTranscriber } from '../../src/openai/transcription/whisper-transcriber.ts';
import { CompatibleServer, REPLY } from '../doubles/compatible-server.ts';
import { KNOWN_SERVERS } from '../doubles/known-servers.ts';
import { amplitudeAt } from '../support/tones.ts';

const never = new AbortController().signal;
const CALL: ConversationTurn[] = [
  { speaker: 'assistant', text: 'Hello.' },
  { speaker: 'caller', text: 'One.' },
  { speaker: 'caller', text: 'Two.' },
];
let server: CompatibleServer;

afterEach(() => server.stop());

const offering = (service: string) =>
  Object.entries(KNOWN_SERVERS).filter(([, { services }]) => services.some((one) => one === service));

describe.each(offering('chat'))('%s', (_, { behaviour }) => {
  test('replies in a call, and is asked once from the second reply on', async () => {
    server = await CompatibleServer.start(behaviour);
    const chat = { model: 'm', baseUrl: server.baseUrl, reasoningEffort: 'low' } as const;
    const replier = new ChatReplier({ chat, instructions: 'Be kind.', profiles: new ServerProfiles() });
    const reply = async () => {
      let text = '';
      for await (const part of replier.reply(CALL, never)) text = part === RETRACT ? '' : text + part;
      return text;
    };
    expect(await reply()).toBe(REPLY);
    const asked = server.asked.length;
    expect(await reply()).toBe(REPLY);
    expect(server.asked).toHaveLength(asked + 1);
  });
});

describe.each(Object.entries(KNOWN_SERVERS).filter(([, { brokenStream }]) => brokenStream))(
  '%s',
  (_, { brokenStream }) => {
    test('reports an error within the stream, which is a failure with its own message', async () => {
      server = await CompatibleServer.start({ chat: () => brokenStream!.response });
      const chat = { model: 'm', baseUrl: server.baseUrl };
      const replier = new ChatReplier({ chat, instructions: 'Be kind.' });
      let text = '';
      const replied = (async () => {
        for await (const part of replier.reply(CALL, never)) text = part === RETRACT ? '' : text + part;
      })();
      await expect(replied).rejects.toThrow(brokenStream!.message);
      expect(text).toMatch(/^We are open ?$/);
    });
  },
);

describe.each(offering('speech'))('%s', (_, { behaviour }) => {
  test('speaks a sentence at the right pitch and length', async () => {
    server = await CompatibleServer.start(behaviour);
    const speech = { model: 'm', baseUrl: server.baseUrl, voice: 'v' };
    const pieces: Uint8Array[] = [];
    for await (const piece of new SpeechVoice({ speech }).speak('Hello.', never)) pieces.push(piece);
    const pcm = decodeMulaw(Buffer.concat(pieces));
    expect(pcm).toHaveLength(24_000);
    expect(amplitudeAt(pcm.subarray(1_000, 11_000), 440, 8_000)).toBeGreaterThan(7_500);
  });
});

describe.each(offering('transcription'))('%s', (_, { behaviour }) => {
  test.each(['en', 'xx'])('transcribes with the language %s', async (language) => {
    server = await CompatibleServer.start(behaviour);
    const transcriber = new WhisperTranscriber({
      transcription: { model: 'm', baseUrl: server.baseUrl },
      language,
    });
    const text = await transcriber.transcribeClip(new Uint8Array(400), 'wav', never);
    expect(text).toBe('I would like to ask about an invoice.');
  });
});

test('docs/services.md lists exactly these servers with these services', async () => {
  server = await CompatibleServer.start();
  const text = readFileSync(path.resolve(import.meta.dirname, '../../docs/services.md'), 'utf8');
  // The first table.
  const table = /^\| Server[^]*?(?=\n\n)/mu.exec(text)![0];
  const rows = [...table.matchAll(/^\| ([A-Za-z][\w .-]*?) +\| ([^|]+?) +\|/gmu)].map(
    ([, name, services]) => [name, services],
  );
  const expected = Object.entries(KNOWN_SERVERS).map(([name, { services }]) => [name, services.join(', ')]);
  expect(rows.filter(([name]) => name !== 'Server')).toEqual(expected);
});
