import WebSocket from 'ws';
import { TWILIO } from './test-server.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { TwilioRequests } from '../../src/simulator/phone/twilio-requests.ts';
import { readTwiml, type TwimlVerb } from '../../src/simulator/phone/twiml.ts';

/** A server that is called by hand. */
export interface Address {
  readonly url: string;
  readonly signedAddress: ConstructorParameters<typeof TwilioRequests>[0];
}

export interface WebhookFields {
  readonly [name: string]: string;
}

/** Twilio's webhooks, made by hand. */
export class Webhooks {
  readonly requests: TwilioRequests;

  constructor(offhook: Address) {
    this.requests = new TwilioRequests(offhook.signedAddress);
  }

  /** Announces a call; gives the TwiML. */
  async ring(callSid: string, fields: WebhookFields = {}): Promise<Answer> {
    return this.post('/incoming-call', { ...formOf(callSid), CallStatus: 'ringing', ...fields });
  }

  async completed(callSid: string): Promise<void> {
    await this.post('/call-status', { ...formOf(callSid), CallStatus: 'completed' });
  }

  async continued(callSid: string, callStatus = 'in-progress'): Promise<Answer> {
    return this.post('/incoming-call/continued', { ...formOf(callSid), CallStatus: callStatus });
  }

  async post(path: string, fields: WebhookFields): Promise<Answer> {
    const { status, body } = await this.requests.post(path, fields);
    return new Answer(status, body);
  }
}

/** The answer to a webhook. */
export class Answer {
  readonly status: number;
  readonly body: string;

  constructor(status: number, body: string) {
    this.status = status;
    this.body = body;
  }

  get verbs(): readonly string[] {
    return readTwiml(this.body).map(({ name }) => name);
  }

  /** The one-time token of the stream that is asked for; throws where none is. */
  get token(): string {
    const connect = readTwiml(this.body).find(({ name }) => name === 'Connect');
    const stream = connect?.children.find(({ name }) => name === 'Stream');
    const isToken = ({ name, attributes }: TwimlVerb): boolean =>
      name === 'Parameter' && attributes['name'] === 'token';
    const token = stream?.children.find(isToken)?.attributes['value'];
    if (token === undefined) throw new Error(`no token in ${this.body}`);
    return token;
  }
}

function formOf(callSid: string): WebhookFields {
  return {
    CallSid: callSid,
    AccountSid: TWILIO.accountSid,
    From: '+15550100',
    To: '+15550199',
    Direction: 'inbound',
  };
}

/** A media stream whose messages the test writes itself. Marks come back at once, as if everything were played. */
export class RawStream {
  readonly received: Record<string, unknown>[] = [];
  readonly streamSid = newSid('MZ');
  readonly closed: Promise<number>;
  readonly #socket: WebSocket;
  #nextMs = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      const message = JSON.parse(data.toString()) as Record<string, unknown>;
      this.received.push(message);
      if (message['event'] === 'mark') this.says(message);
    });
  }

  /** Signed as Twilio signs, or with the given headers alone. */
  static async open(
    offhook: Address,
    headers?: Record<string, string>,
    path = '/media-stream',
  ): Promise<RawStream> {
    const upgrade = new TwilioRequests(offhook.signedAddress).upgrade(path);
    const socket = new WebSocket(upgrade.url, { headers: headers ?? upgrade.headers });
    const stream = new RawStream(socket);
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
    return stream;
  }

  /** What a handshake is answered with when it is refused. */
  static async refusal(offhook: Address, path: string, headers: Record<string, string>): Promise<number> {
    const socket = new WebSocket(offhook.url.replace('http', 'ws') + path, { headers });
    socket.on('error', () => undefined);
    return new Promise((resolve, reject) => {
      socket.once('unexpected-response', (request, response) => {
        request.destroy();
        resolve(response.statusCode ?? 0);
      });
      socket.once('open', () => reject(new Error('the handshake was not refused')));
    });
  }

  says(message: object): void {
    this.saysRaw(JSON.stringify(message));
  }

  saysRaw(data: string | Buffer): void {
    this.#socket.send(data);
  }

  start(callSid: string, token?: string): void {
    this.says({ event: 'connected', protocol: 'Call', version: '1.0.0' });
    const customParameters = token === undefined ? {} : { token };
    const start = { streamSid: this.streamSid, callSid, tracks: ['inbound'], customParameters };
    this.says({ event: 'start', sequenceNumber: '1', streamSid: this.streamSid, start });
  }

  /** So many frames of 20 ms of one μ-law code, after those before. */
  frames(count: number, code = 0xff): void {
    for (let i = 0; i < count; i++) this.sound(Buffer.alloc(160, code));
  }

  /** One frame of μ-law, after those before. */
  sound(mulaw: Uint8Array): void {
    this.media({ timestamp: String(this.#nextMs), payload: Buffer.from(mulaw).toString('base64') });
    this.#nextMs += 20;
  }

  media(fields: object): void {
    this.says({ event: 'media', streamSid: this.streamSid, media: { track: 'inbound', ...fields } });
  }

  stop(callSid: string): void {
    this.says({ event: 'stop', streamSid: this.streamSid, stop: { callSid } });
  }

  /** Resolves when everything sent before was read, or the server has closed the stream: a pong answers in order. */
  async read(): Promise<void> {
    const pong = new Promise((resolve) => this.#socket.once('pong', resolve));
    this.#socket.ping();
    await Promise.race([pong, this.closed]);
  }

  hangUp(): void {
    this.#socket.close(1000);
  }

  /** The connection is torn without a word. */
  tear(): void {
    this.#socket.terminate();
  }
}
