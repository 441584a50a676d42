import { expect, test } from 'vitest';
import { readClientEvent } from './client-events.ts';

const INPUT = {
  format: { type: 'audio/pcmu' },
  transcription: { model: 'm', language: 'en' },
  turn_detection: null,
};
const update = (input: object, session: object = {}): object => ({
  type: 'session.update',
  session: { type: 'transcription', audio: { input }, ...session },
});

test('a transcription session as the reference has it is accepted', () => {
  expect(readClientEvent(JSON.stringify(update(INPUT)))).toMatchObject({ type: 'session.update' });
});

test.each<[string, object]>([
  ['the message of the beta interface', { type: 'transcription_session.update', session: {} }],
  ['its name of the format', update({ ...INPUT, format: 'g711_ulaw' })],
  ['its field for the format', update(INPUT, { input_audio_format: 'g711_ulaw' })],
  ['a session without a type', { type: 'session.update', session: { audio: { input: INPUT } } }],
  ['an unknown field of the input', update({ ...INPUT, noise: 1 })],
  [
    'an unknown field of the transcription',
    update({ ...INPUT, transcription: { model: 'm', languages: ['en'] } }),
  ],
  ['a language with a region', update({ ...INPUT, transcription: { model: 'm', language: 'en-GB' } })],
  ['the turn detection of the server', update({ ...INPUT, turn_detection: { type: 'server_vad' } })],
  ['no word about turn detection', update({ format: INPUT.format, transcription: INPUT.transcription })],
  ['audio that is not base64', { type: 'input_audio_buffer.append', audio: '%%%' }],
  ['an unknown field of a commit', { type: 'input_audio_buffer.commit', final: true }],
])('the double refuses %s', (_, event) => {
  expect(readClientEvent(JSON.stringify(event))).toMatchObject({ code: expect.any(String) as string });
});
