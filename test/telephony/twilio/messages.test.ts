import { describe, expect, it } from 'vitest';
import {
  clearMessage,
  markMessage,
  mediaMessage,
  readMessage,
} from '../../../src/telephony/twilio/messages.ts';

const CALL = 'CA0123456789abcdef0123456789abcdef';
const STREAM = 'MZ0123456789abcdef0123456789abcdef';
const FRAME = Buffer.alloc(160, 0xff).toString('base64');

const read = (message: unknown) => readMessage(JSON.stringify(message));
const media = (fields: object) =>
  read({ event: 'media', media: { track: 'inbound', chunk: '1', ...fields } });
const start = (fields: object) =>
  read({ event: 'start', streamSid: STREAM, start: { streamSid: STREAM, callSid: CALL, ...fields } });

describe('a message from Twilio', () => {
  it('is read in each of its kinds', () => {
    expect(read({ event: 'connected', protocol: 'Call', version: '1.0.0' })).toEqual({ kind: 'connected' });
    expect(start({ customParameters: { token: 't', odd: 5 } })).toEqual({
      kind: 'start',
      streamSid: STREAM,
      callSid: CALL,
      parameters: { token: 't' },
    });
    const heard = media({ timestamp: '5', payload: FRAME });
    expect(heard).toMatchObject({ kind: 'media', timestampMs: 5 });
    expect(heard.kind === 'media' && heard.mulaw.length).toBe(160);
    expect(read({ event: 'dtmf', dtmf: { track: 'inbound_track', digit: '#' } })).toEqual({
      kind: 'key',
      digit: '#',
    });
    expect(read({ event: 'mark', mark: { name: 'm1' } })).toEqual({ kind: 'mark', name: 'm1' });
    expect(read({ event: 'stop', stop: {} })).toEqual({ kind: 'stop' });
  });

  it('may lack custom parameters, and have unknown fields and events', () => {
    expect(start({})).toMatchObject({ kind: 'start', parameters: {} });
    expect(start({ customParameters: null, newField: [1] })).toMatchObject({ kind: 'start' });
    expect(read({ event: 'weather', weather: {} })).toEqual({ kind: 'ignored' });
    expect(media({ track: 'outbound', timestamp: '5', payload: FRAME })).toEqual({ kind: 'ignored' });
  });

  it('may contain audio of any length, and numbers as numbers', () => {
    for (const length of [1, 3, 159, 161, 4_000]) {
      const payload = Buffer.alloc(length, 0x7f).toString('base64');
      const heard = media({ timestamp: 40, payload });
      expect(heard.kind === 'media' && heard.mulaw.length).toBe(length);
    }
  });

  it.each(['', 'nonsense', '{', '{"event":"media"', '\u0000', 'NaN'])('is unreadable as %j', (text) => {
    expect(readMessage(text)).toEqual({ kind: 'unreadable', reason: 'not JSON' });
  });

  it.each([[], null, 5, 'media', [{ event: 'media' }], {}, { event: 5 }, { event: null }])(
    'is unreadable when it is %j',
    (message) => {
      expect(read(message).kind).toBe('unreadable');
    },
  );

  it.each([
    '-1',
    '-20',
    '1.5',
    '1e3',
    ' 5',
    '0x10',
    '',
    'now',
    '99999999999999999999',
    -1,
    1.5,
    1e15,
    null,
    {},
    [5],
    true,
  ])('is unreadable with the timestamp %j', (timestamp) => {
    expect(media({ timestamp, payload: FRAME })).toEqual({
      kind: 'unreadable',
      reason: 'media with a bad timestamp',
    });
  });

  it.each(['', '!!!!', 'abc', 'ab=c', '====', 'AAA\n', 'AA-_', 5, null, {}, ['AAAA']])(
    'is unreadable with the payload %j',
    (payload) => {
      expect(media({ timestamp: '0', payload })).toEqual({
        kind: 'unreadable',
        reason: 'media with a bad payload',
      });
    },
  );

  it.each(['55', '', 'E', 5, null, '٥'])('is unreadable with the key %j', (digit) => {
    expect(read({ event: 'dtmf', dtmf: { digit } }).kind).toBe('unreadable');
  });

  it.each([5, null, undefined, 'x'.repeat(129)])('is unreadable with the mark %j', (name) => {
    expect(read({ event: 'mark', mark: { name } }).kind).toBe('unreadable');
  });

  it.each([
    '../../etc/passwd',
    `${CALL}/../x`,
    'CA0123456789abcdef0123456789abcde',
    `${CALL}0`,
    `${CALL}\n`,
    `MZ${CALL.slice(2)}`,
    '',
    5,
    null,
    {},
  ])('starts no call with the CallSid %j', (callSid) => {
    expect(start({ callSid })).toEqual({
      kind: 'bad-start',
      reason: 'start with a callSid that is not CA and 32 hexadecimal digits',
    });
  });

  it.each([
    { streamSid: 'a/b' },
    { streamSid: '"}{"' },
    { streamSid: 'x'.repeat(65) },
    { streamSid: 7 },
    { mediaFormat: { encoding: 'audio/l16' } },
  ])('starts no stream with %j', (fields) => {
    expect(start(fields).kind).toBe('bad-start');
  });

  it('with a prototype as a field changes nothing', () => {
    const message = `{"event":"start","start":{"callSid":"${CALL}","streamSid":"MZ1","customParameters":{"__proto__":"x","token":"t"}}}`;
    const read = readMessage(message);
    expect(read.kind === 'start' && read.parameters['token']).toBe('t');
    expect(({} as Record<string, unknown>)['token']).toBeUndefined();
  });
});

describe('a message to Twilio', () => {
  it('has only the fields that Twilio defines', () => {
    expect(JSON.parse(mediaMessage(STREAM, Uint8Array.of(1, 2, 3).subarray(1)))).toEqual({
      event: 'media',
      streamSid: STREAM,
      media: { payload: Buffer.of(2, 3).toString('base64') },
    });
    expect(JSON.parse(markMessage(STREAM, 'm1'))).toEqual({
      event: 'mark',
      streamSid: STREAM,
      mark: { name: 'm1' },
    });
    expect(JSON.parse(clearMessage(STREAM))).toEqual({ event: 'clear', streamSid: STREAM });
  });
});
