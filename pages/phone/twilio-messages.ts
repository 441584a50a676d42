import { fromBase64, toBase64 } from '../sound/base64.ts';
import { TELEPHONE_HZ } from '../../src/audio/telephone.ts';

/** The messages of a server on a media stream. */
export type FromServer =
  | { readonly kind: 'media'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' };

export interface StreamNames {
  readonly callSid: string;
  readonly streamSid: string;
  readonly token: string;
}

/** Writes Twilio's messages for a call, with their counters: numbers are strings. */
export class TwilioWriter {
  readonly #names: StreamNames;
  #sequence = 0;
  #chunk = 0;

  constructor(names: StreamNames) {
    this.#names = names;
  }

  connected(): string {
    return JSON.stringify({ event: 'connected', protocol: 'Call', version: '1.0.0' });
  }

  start(): string {
    const { callSid, streamSid, token } = this.#names;
    const mediaFormat = { encoding: 'audio/x-mulaw', sampleRate: TELEPHONE_HZ, channels: 1 };
    const customParameters = { token };
    return this.#message('start', {
      start: { streamSid, callSid, tracks: ['inbound'], mediaFormat, customParameters },
    });
  }

  media(timestampMs: number, mulaw: Uint8Array): string {
    this.#chunk += 1;
    const payload = toBase64(mulaw);
    return this.#message('media', {
      media: { track: 'inbound', chunk: String(this.#chunk), timestamp: String(timestampMs), payload },
    });
  }

  key(digit: string): string {
    return this.#message('dtmf', { dtmf: { track: 'inbound_track', digit } });
  }

  mark(name: string): string {
    return this.#message('mark', { mark: { name } });
  }

  stop(): string {
    return this.#message('stop', { stop: { callSid: this.#names.callSid } });
  }

  #message(event: string, fields: object): string {
    this.#sequence += 1;
    const { streamSid } = this.#names;
    return JSON.stringify({ event, sequenceNumber: String(this.#sequence), streamSid, ...fields });
  }
}

/** Undefined for messages that a phone ignores. */
export function readFromServer(text: string): FromServer | undefined {
  const message = JSON.parse(text) as {
    event?: unknown;
    media?: { payload?: unknown };
    mark?: { name?: unknown };
  };
  if (message.event === 'clear') return { kind: 'clear' };
  const { payload } = message.media ?? {};
  if (message.event === 'media' && typeof payload === 'string')
    return { kind: 'media', mulaw: fromBase64(payload) };
  const { name } = message.mark ?? {};
  return message.event === 'mark' && typeof name === 'string' ? { kind: 'mark', name } : undefined;
}
