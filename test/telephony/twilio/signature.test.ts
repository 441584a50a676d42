import twilio from 'twilio';
import { describe, expect, test } from 'vitest';
import { isSignedByTwilio, type SignedRequest } from '../../../src/telephony/twilio/signature.ts';

const TOKEN = '12345678901234567890123456789012';

/** Twilio's own package signs, so that this is not our idea of a signature checked against itself. */
function signatureOver(url: string, params: Record<string, string | string[]> = {}): string {
  return twilio.getExpectedTwilioSignature(TOKEN, url, params);
}

function request(changes: Partial<SignedRequest>): SignedRequest {
  return {
    authToken: TOKEN,
    publicUrl: new URL('https://phone.example.com'),
    pathAndQuery: '/incoming-call',
    scheme: 'https',
    header: undefined,
    params: {},
    ...changes,
  };
}

describe('a request signed by Twilio', () => {
  const params = {
    From: 'anonymous',
    CallSid: 'CA1',
    Zz: '',
    'Ünknown new': 'a b&c',
    Twice: ['b', 'a', 'b'],
  };
  const header = signatureOver('https://phone.example.com/incoming-call', params);

  test('accepts a webhook signed over all its fields, including unknown and repeated ones', () => {
    expect(isSignedByTwilio(request({ header, params }))).toBe(true);
  });

  test.each([
    ['no signature', { params }],
    ['an empty signature', { header: '', params }],
    ['a signature of the wrong length', { header: 'AAAA', params }],
    ['a field changed', { header, params: { ...params, From: '+1' } }],
    ['a field added', { header, params: { ...params, More: '1' } }],
    ['a field left out', { header, params: { From: 'anonymous' } }],
    ['another path', { header, params, pathAndQuery: '/incoming-call/' }],
    ['another query', { header, params, pathAndQuery: '/incoming-call?a=1' }],
    ['another host', { header, params, publicUrl: new URL('https://phone.example.org') }],
    ['another token', { header, params, authToken: TOKEN.replace('1', '2') }],
    ['no token of ours', { header, params, authToken: '' }],
  ] as [string, Partial<SignedRequest>][])('refuses %s', (_, changes) => {
    expect(isSignedByTwilio(request(changes))).toBe(false);
  });

  test('is verified with its query as sent, still encoded', () => {
    const pathAndQuery = "/call-action?who=a%20b&x='";
    const signed = signatureOver(`https://phone.example.com${pathAndQuery}`);
    expect(isSignedByTwilio(request({ pathAndQuery, header: signed }))).toBe(true);
  });

  test.each([
    ['https://phone.example.com', 'https://phone.example.com:443/incoming-call'],
    ['https://phone.example.com:443', 'https://phone.example.com/incoming-call'],
    ['https://phone.example.com:8443', 'https://phone.example.com:8443/incoming-call'],
    ['https://phone.example.com:8443', 'https://phone.example.com/incoming-call'],
    ['https://example.com/phone/', 'https://example.com/phone/incoming-call'],
  ])('with PUBLIC_URL %s it accepts %s', (publicUrl, signedUrl) => {
    const changes = { publicUrl: new URL(publicUrl), header: signatureOver(signedUrl) };
    expect(isSignedByTwilio(request(changes))).toBe(true);
  });

  test.each([
    ['wss://phone.example.com/media-stream', true],
    ['wss://phone.example.com:443/media-stream', true],
    ['https://phone.example.com/media-stream', false],
    ['wss://phone.example.com/media-stream/', false],
  ])('an upgrade signed over %s is accepted: %s', (signedUrl, accepted) => {
    const changes = {
      scheme: 'wss' as const,
      pathAndQuery: '/media-stream',
      header: signatureOver(signedUrl),
    };
    expect(isSignedByTwilio(request(changes))).toBe(accepted);
  });

  test('a simulator on this machine may use http and ws', () => {
    const publicUrl = new URL('http://127.0.0.1:8000');
    const webhook = signatureOver('http://127.0.0.1:8000/incoming-call');
    const upgrade = signatureOver('ws://127.0.0.1:8000/media-stream');
    expect(isSignedByTwilio(request({ publicUrl, header: webhook }))).toBe(true);
    const changes = { publicUrl, scheme: 'wss' as const, pathAndQuery: '/media-stream', header: upgrade };
    expect(isSignedByTwilio(request(changes))).toBe(true);
  });
});
