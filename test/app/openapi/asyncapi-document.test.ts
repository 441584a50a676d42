import schema from '@asyncapi/specs/schemas/3.0.0-without-$id.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { asyncApiDocument } from '../../../src/app/openapi/asyncapi-document.ts';
import { SOCKETS } from '../../../src/app/openapi/socket-descriptions.ts';
import { fromTelephone, toTelephone } from '../../../src/app/openapi/stream-messages.ts';
import {
  clearMessage,
  markMessage,
  mediaMessage,
  readMessage,
} from '../../../src/telephony/twilio/messages.ts';

interface Reference {
  readonly $ref: string;
}

interface AsyncApi {
  readonly channels: Record<
    string,
    { address: string; messages: Record<string, { name: string; payload: object }> }
  >;
  readonly operations: Record<string, { action: string; channel: Reference; messages: Reference[] }>;
}

const isValid = new Ajv({ strict: false, validateFormats: false }).compile(schema);

function written(): AsyncApi {
  return JSON.parse(JSON.stringify(asyncApiDocument('1.2.3', SOCKETS))) as AsyncApi;
}

function follow(document: object, { $ref }: Reference): unknown {
  return $ref
    .slice(2)
    .split('/')
    .reduce<unknown>((at, key) => (at as Record<string, unknown>)[key], document);
}

describe('the AsyncAPI document', () => {
  it('is valid AsyncAPI 3.0', () => {
    isValid(written());
    expect(isValid.errors ?? []).toEqual([]);
    expect(isValid({ ...written(), channels: { desk: { address: 1 } } })).toBe(false);
  });

  it('has references that lead to messages, and operations that contain every message', () => {
    const document = written();
    const used = Object.values(document.operations).flatMap(({ messages }) => messages);
    expect(used.filter((reference) => follow(document, reference) === undefined)).toEqual([]);
    const all = Object.values(document.channels).flatMap(({ messages }) => Object.keys(messages));
    expect(used.length).toBe(all.length);
  });

  it('contains every WebSocket with its messages as JSON schemas', () => {
    const { channels } = written();
    expect(Object.values(channels).map(({ address }) => address)).toEqual([
      ...['/calls/live', '/ws', '/phone/stream', '/media-stream'],
    ]);
    const ajv = new Ajv({ strict: false, validateFormats: false });
    const payload = channels['desk']!.messages['fromClient-takeOver']!.payload;
    expect(ajv.validate(payload, { type: 'takeOver', callSid: `CA${'0'.repeat(32)}` })).toBe(true);
    expect(ajv.validate(payload, { type: 'takeOver' })).toBe(false);
  });
});

describe('the schemas of Media Streams', () => {
  it('describe the messages that the server writes', () => {
    const messages = [mediaMessage('MZ1', Buffer.from([1])), markMessage('MZ1', 'm'), clearMessage('MZ1')];
    for (const message of messages)
      expect(toTelephone.parse(JSON.parse(message))).toEqual(JSON.parse(message));
  });

  it.each([
    [{ event: 'connected', protocol: 'Call' }, true],
    [
      { event: 'start', start: { streamSid: 'MZ1', callSid: `CA${'a'.repeat(32)}`, customParameters: {} } },
      true,
    ],
    [{ event: 'start', start: { streamSid: 'MZ1', callSid: 'CA1', customParameters: {} } }, false],
    [{ event: 'media', media: { track: 'inbound', timestamp: '20', payload: 'AAAA' } }, true],
    [{ event: 'media', media: { timestamp: 20, payload: '?' } }, false],
    [{ event: 'dtmf', dtmf: { digit: '#' } }, true],
    [{ event: 'dtmf', dtmf: { digit: 'E' } }, false],
    [{ event: 'mark', mark: { name: 'm' } }, true],
    [{ event: 'mark', mark: { name: 'm'.repeat(129) } }, false],
    [{ event: 'stop' }, true],
  ])('accept what the server reads: %j', (message, accepted) => {
    expect(fromTelephone.safeParse(message).success).toBe(accepted);
    expect(['unreadable', 'bad-start'].includes(readMessage(JSON.stringify(message)).kind)).toBe(!accepted);
  });
});
