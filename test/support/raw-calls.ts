import type { CallRecord } from '../../src/records/call-record.ts';
import { newSid } from '../../src/simulator/phone/simulated-phone.ts';
import { RawStream, Webhooks } from './raw-stream.ts';
import type { Offhook } from './test-server.ts';

/** Messages that no media stream sends. */
export const NONSENSE = [
  'not JSON',
  '',
  '[]',
  'null',
  '{"event":5}',
  '{"event":"media"}',
  '{"event":"media","media":5}',
  '{"event":"mark"}',
  '{"event":"mark","mark":{"name":"never sent"}}',
  '{"event":"dtmf","dtmf":{"digit":"55"}}',
  '{"event":"start"}',
  '{"event":"somethingNew","somethingNew":{}}',
] as const;

/** Calls of a server that admits signed requests, each over a raw stream. */
export class RawCalls {
  readonly #offhook: Offhook;
  readonly #webhooks: Webhooks;

  constructor(offhook: Offhook) {
    this.#offhook = offhook;
    this.#webhooks = new Webhooks(offhook);
  }

  /** Announces a call and opens its stream with its token. */
  async begin(callSid = newSid('CA')): Promise<{ callSid: string; stream: RawStream }> {
    const { token } = await this.#webhooks.ring(callSid);
    const stream = await RawStream.open(this.#offhook);
    stream.start(callSid, token);
    await stream.read();
    return { callSid, stream };
  }

  /** Ends the call as Twilio does, and waits for its files. */
  async end(callSid: string, stream: RawStream): Promise<CallRecord> {
    stream.stop(callSid);
    await stream.read();
    stream.hangUp();
    await this.#webhooks.completed(callSid);
    await this.#offhook.finished(callSid);
    return this.#offhook.json(callSid);
  }
}
