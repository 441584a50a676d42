import { FRAME_MS } from '../../src/audio/telephone.ts';
import { askServer, socketAddress } from '../frame/ask-server.ts';
import { SoundCard } from '../sound/sound-card.ts';
import type { FromTelephone } from '../sound/telephone-messages.ts';
import { isLost, type Roughness, RoughWay, SMOOTH } from './rough-network.ts';
import { readFromServer, type StreamNames, TwilioWriter } from './twilio-messages.ts';

/** The WebSocket must be open by then. */
const CONNECT_WITHIN_MS = 10_000;
const LATENCY_EVERY_FRAMES = 50;
/** The maximum backlog of unsent frames; more than two seconds are useless in a conversation. */
const MOST_WAITING_BYTES = 100 * 320;
/** A network that accepts no data for five seconds is considered down, whatever the browser reports. */
const MOST_STUCK_FRAMES = 250;
/** Close codes of RFC 6455 for a call that has ended. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NOT_ADMITTED = 1008;

const NETWORK_DOWN = 'The network is down and the call has ended. Call again when it is back.';
const MICROPHONE_GONE = 'The microphone was disconnected: it was unplugged, or its permission was revoked.';

/** `POST /phone/calls`. */
interface Announced extends StreamNames {
  readonly socket: string;
}

export interface PhoneCallEvents {
  /** The loudest sample of 20 ms of the microphone, 0 to 1. */
  level(peak: number): void;
  /** The call has ended; `problem` describes the error, if there was one. */
  ended(problem: string | undefined): void;
}

/** A call from this browser: Twilio's messages over a WebSocket, with a microphone and a loudspeaker at this end. */
export class PhoneCall {
  readonly callSid: string;
  readonly startedAtMs = Date.now();
  roughness: Roughness = SMOOTH;
  readonly #events: PhoneCallEvents;
  readonly #writer: TwilioWriter;
  readonly #socket: WebSocket;
  readonly #up = new RoughWay();
  readonly #down = new RoughWay();
  #card: SoundCard | undefined;
  #frames = 0;
  #stuckFrames = 0;
  #over = false;

  private constructor(announced: Announced, socket: WebSocket, events: PhoneCallEvents) {
    this.callSid = announced.callSid;
    this.#events = events;
    this.#writer = new TwilioWriter(announced);
    this.#socket = socket;
  }

  /** Opens microphone, call and stream. Throws an `Error` with a sentence for users if one fails. */
  static async dial(events: PhoneCallEvents, roughness: Roughness): Promise<PhoneCall> {
    let call: PhoneCall | undefined;
    const card = await SoundCard.open((message) => call?.hearCard(message));
    try {
      const announced = await askServer<Announced>('/phone/calls', { method: 'POST' });
      const socket = await openSocket(announced.socket);
      call = new PhoneCall(announced, socket, events);
      call.roughness = roughness;
      call.#begin(card);
      return call;
    } catch (error) {
      await card.close();
      throw error;
    }
  }

  hearCard(message: FromTelephone): void {
    if (message.kind === 'mark') this.#send(() => this.#writer.mark(message.name));
    else this.#sendFrame(message.mulaw, message.peak);
  }

  press(digit: string): void {
    this.#send(() => this.#writer.key(digit));
  }

  mute(muted: boolean): void {
    this.#card?.tell({ kind: 'mute', muted });
  }

  hangUp(problem?: string): void {
    this.#send(() => this.#writer.stop());
    this.#end(problem);
  }

  #begin(card: SoundCard): void {
    this.#card = card;
    const socket = this.#socket;
    socket.onmessage = ({ data }) => this.#down.carry(this.roughness, () => this.#hear(String(data)));
    // Audio before the close frame is still to be played.
    socket.onclose = ({ code }) => this.#down.carry(this.roughness, () => this.#end(troubleOf(code)));
    card.onMicrophoneLost(() => this.hangUp(MICROPHONE_GONE));
    socket.send(this.#writer.connected());
    socket.send(this.#writer.start());
  }

  #hear(text: string): void {
    const message = readFromServer(text);
    if (!message || this.#over) return;
    if (message.kind === 'media') this.#card?.tell({ kind: 'play', mulaw: message.mulaw });
    else this.#card?.tell(message);
  }

  #sendFrame(mulaw: Uint8Array, peak: number): void {
    const timestampMs = this.#frames * FRAME_MS;
    this.#frames += 1;
    this.#events.level(peak);
    if (this.#frames % LATENCY_EVERY_FRAMES === 0) this.#card?.tellLatency();
    const stuck = this.#socket.bufferedAmount > MOST_WAITING_BYTES;
    this.#stuckFrames = stuck ? this.#stuckFrames + 1 : 0;
    if (this.#stuckFrames > MOST_STUCK_FRAMES) this.#end(NETWORK_DOWN);
    // Lost frames leave a gap in the timestamps, as on the telephone.
    if (stuck || isLost(this.roughness)) return;
    this.#send(() => this.#writer.media(timestampMs, mulaw));
  }

  /** Serialised when sent, so that dropped messages leave no gap in the counters. */
  #send(write: () => string): void {
    if (this.#over) return;
    this.#up.carry(this.roughness, () => {
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(write());
    });
  }

  #end(problem: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    void this.#card?.close();
    this.#up.carry(this.roughness, () => this.#socket.close(NORMAL));
    this.#events.ended(problem);
  }
}

function openSocket(path: string): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(socketAddress(path));
    const fail = (): void => {
      socket.close();
      reject(new Error('The connection to the server could not be opened. Try again in a moment.'));
    };
    const timer = setTimeout(fail, CONNECT_WITHIN_MS);
    socket.onerror = socket.onclose = () => {
      clearTimeout(timer);
      fail();
    };
    socket.onopen = () => {
      clearTimeout(timer);
      socket.onerror = null;
      resolve(socket);
    };
  });
}

function troubleOf(code: number): string | undefined {
  if (code === NORMAL) return undefined;
  if (code === GOING_AWAY) return 'The server is stopping and has ended the call. Call again in a moment.';
  if (code === NOT_ADMITTED) return 'You are logged out, so the call has ended.';
  return `The connection broke (code ${code}). The call up to that point is saved; you can call again.`;
}
