import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCommonMedia } from '../../../src/telephony/twilio/media-message.ts';
import { readMessage, readMessageBytes } from '../../../src/telephony/twilio/messages.ts';

const numRuns = Number(process.env['PROPERTY_RUNS'] ?? 400);
const STREAM = 'MZ0123456789abcdef0123456789abcdef';

const sound = fc.uint8Array({ minLength: 0, maxLength: 400 });
const base64 = sound.map((bytes) => Buffer.from(bytes).toString('base64'));
const digits = fc.nat(10_000_000).map(String);

/** A message in Twilio's form, with its members in any order. */
const common = fc
  .record({
    outer: fc.shuffledSubarray(['sequenceNumber', 'media', 'streamSid'], { minLength: 3 }),
    inner: fc.shuffledSubarray(['track', 'chunk', 'timestamp', 'payload'], { minLength: 4 }),
    number: digits,
    timestamp: digits,
    payload: base64.filter((text) => text.length > 0),
  })
  .map(({ outer, inner, number, timestamp, payload }) => {
    const fields: Record<string, string> = { track: 'inbound', chunk: number, timestamp, payload };
    const media = Object.fromEntries(inner.map((name) => [name, fields[name]]));
    const members: Record<string, unknown> = { sequenceNumber: number, media, streamSid: STREAM };
    return JSON.stringify({
      event: 'media',
      ...Object.fromEntries(outer.map((name) => [name, members[name]])),
    });
  });

const oddString = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  digits,
  fc.constantFrom(
    '',
    'inbound',
    'outbound',
    'media',
    '-1',
    '1e3',
    '01',
    '99999999999999999999',
    '8589934593',
  ),
);
const oddPayload = fc.oneof(
  base64,
  base64.chain((text) =>
    fc
      .tuple(fc.nat(text.length), fc.constantFrom('=', '-', '_', ' ', '\n', 'é', 'A', '=='))
      .map(([at, odd]) => text.slice(0, at) + odd + text.slice(at)),
  ),
  fc.constantFrom('=', '==', '====', 'A===', 'AA==', 'QQ=A', 'AAA', 'AA=A', 'A=AA'),
);
const value = fc.oneof(
  oddString.map((text) => JSON.stringify(text)),
  oddPayload.map((text) => JSON.stringify(text)),
  fc.constantFrom(
    'null',
    '5',
    '-0',
    '1.5',
    '1e400',
    '8589934592',
    '[]',
    '{}',
    '"\\u0031"',
    '"\\/AAA"',
    'true',
  ),
);
const name = fc.constantFrom(
  ...['event', 'media', 'streamSid', 'sequenceNumber', 'track', 'chunk', 'timestamp', 'payload'],
  ...['__proto__', 'unknown', '', 'Payload', 'tim\\u0065stamp'],
);
const space = fc.constantFrom('', '', '', '', ' ', '\n', '\t ', '\u00a0');
const member = (values: fc.Arbitrary<string>) =>
  fc.tuple(space, name, space, values, space).map(([a, key, b, text, c]) => `${a}"${key}":${b}${text}${c}`);
const fields = fc.array(member(value), { maxLength: 6 }).map((all) => `{${all.join(',')}}`);
/** Messages with wrong, repeated, missing and unknown members, and odd spaces. */
const odd = fc
  .tuple(
    fc.constantFrom('{"event":"media",', '{"event":"media", ', '{"event":"mark",', '{ "event":"media",', '{'),
    fc.array(
      fc.oneof(
        member(fc.oneof(value, fields)),
        fields.map((text) => `"media":${text}`),
      ),
      { maxLength: 4 },
    ),
    fc.constantFrom('}', '}', '}', '} ', '}}', '', '\u0000'),
  )
  .map(([head, members, end]) => head + members.join(',') + end);

describe('the reader of common media messages', () => {
  it('reads every message in the form that Twilio sends', () => {
    fc.assert(
      fc.property(common, (text) => {
        expect(readCommonMedia(Buffer.from(text))).toEqual(readMessage(text));
      }),
      { numRuns },
    );
  });

  it('never reads anything else than the general reader', () => {
    fc.assert(
      fc.property(fc.oneof(odd, common), (text) => {
        expect(readMessageBytes(Buffer.from(text))).toEqual(readMessage(text));
      }),
      { numRuns: 5 * numRuns },
    );
  });

  it('never reads anything else after a change of one byte, or a cut', () => {
    const changed = common.chain((text) => {
      const bytes = Buffer.from(text);
      return fc
        .tuple(
          fc.nat(bytes.length - 1),
          fc.oneof(fc.constantFrom(...Buffer.from('"\\,{}[]:= 0A/+-')), fc.integer({ min: 0, max: 127 })),
          fc.constantFrom('replaced', 'inserted', 'removed', 'cut'),
        )
        .map(([at, byte, how]) => {
          if (how === 'cut') return bytes.subarray(0, at);
          const rest = bytes.subarray(how === 'inserted' ? at : at + 1);
          return Buffer.concat([bytes.subarray(0, at), Buffer.from(how === 'removed' ? [] : [byte]), rest]);
        });
    });
    fc.assert(
      fc.property(changed, (bytes) => {
        expect(readMessageBytes(bytes)).toEqual(readMessage(bytes.toString('utf8')));
      }),
      { numRuns: 5 * numRuns },
    );
  });

  it.each(['8589934592', '000000000000001', '999999999999999', '0000000000000001', '8589934593', ''])(
    'treats the timestamp %j as the general reader does',
    (timestamp) => {
      const text = JSON.stringify({ event: 'media', media: { timestamp, payload: '/w==' } });
      expect(readMessageBytes(Buffer.from(text))).toEqual(readMessage(text));
    },
  );
});
