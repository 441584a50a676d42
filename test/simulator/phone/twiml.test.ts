import twilio from 'twilio';
import { describe, expect, it } from 'vitest';
import { readTwiml } from '../../../src/simulator/phone/twiml.ts';

describe('readTwiml', () => {
  it('reads the output of the twilio package, including entities', () => {
    const voice = new twilio.twiml.VoiceResponse();
    const stream = voice
      .connect({ action: '/next?a=1&b=2' })
      .stream({ url: 'wss://example.com/media-stream' });
    stream.parameter({ name: 'token', value: `<"'&>` });
    voice.say('Fish & chips');
    voice.hangup();
    const [connect, say, hangup, ...more] = readTwiml(voice.toString());
    expect(connect).toMatchObject({ name: 'Connect', attributes: { action: '/next?a=1&b=2' } });
    expect(connect?.children[0]).toMatchObject({ attributes: { url: 'wss://example.com/media-stream' } });
    expect(connect?.children[0]?.children[0]?.attributes).toEqual({ name: 'token', value: `<"'&>` });
    expect([say?.name, say?.text, hangup?.name, more.length]).toEqual(['Say', 'Fish & chips', 'Hangup', 0]);
  });

  it('reads comments, single quotes and numbered entities', () => {
    const [play] = readTwiml(
      `<?xml version="1.0"?>\n<!-- a < b -->\n<Response><Play loop='2'>a&#38;b&#x21;</Play></Response>\n`,
    );
    expect(play).toMatchObject({ attributes: { loop: '2' }, text: 'a&b!' });
  });

  it.each([
    '',
    'hello',
    '<Response>',
    '<Response></Say></Response>',
    '<Say/>',
    '<Response/><Response/>',
    '<Response a=b/>',
  ])('refuses %j', (document) => {
    expect(() => readTwiml(document)).toThrow('TwiML');
  });
});
