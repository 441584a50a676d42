import { expect, test } from 'vitest';
import { connectStream, hangUp, refuse } from '../../../src/telephony/twilio/twiml.ts';

test('a call is connected to the stream with its token, and hung up afterwards', () => {
  const xml = connectStream({
    streamUrl: 'wss://phone.example.com/media-stream',
    actionUrl: 'https://phone.example.com/call-action',
    statusCallbackUrl: 'https://phone.example.com/stream-status?a=1&b=2',
    token: 'a"<&',
  });
  expect(xml).toBe(
    '<?xml version="1.0" encoding="UTF-8"?><Response>' +
      '<Connect action="https://phone.example.com/call-action" method="POST">' +
      '<Stream url="wss://phone.example.com/media-stream"' +
      ' statusCallback="https://phone.example.com/stream-status?a=1&amp;b=2" statusCallbackMethod="POST">' +
      '<Parameter name="token" value="a&quot;&lt;&amp;"/></Stream></Connect><Hangup/></Response>',
  );
});

test('a hang-up contains nothing else', () => {
  expect(hangUp()).toBe('<?xml version="1.0" encoding="UTF-8"?><Response><Hangup/></Response>');
});

test.each([
  ['en', 'en-US', 'All our lines are busy'],
  ['de-AT', 'de-DE', 'Alle Leitungen sind belegt'],
  ['xx', 'en-US', 'All our lines are busy'],
])('a busy answer in %s is spoken as %s', (language, spokenAs, words) => {
  const xml = refuse('busy', language);
  expect(xml).toContain(`<Say language="${spokenAs}">`);
  expect(xml).toContain(words);
  expect(xml).toMatch(/<\/Say><Hangup\/><\/Response>$/);
});
