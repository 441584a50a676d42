import { askServer, socketAddress } from '../frame/ask-server.ts';
import { SoundCard } from '../sound/sound-card.ts';
import type { FromTelephone } from '../sound/telephone-messages.ts';
import { isLost, type Roughness, RoughWay, SMOOTH } from './rough-network.ts';
import { readFromServer, type StreamNames, TwilioWriter } from './twilio-messages.ts';

const FRAME_MS = 20;
/** The socket has to be open by then. */
const CONNECT_WITHIN_MS = 10_000;
const LATENCY_EVERY_FRAMES = 50;
/** Frames that the network does not take; more than two seconds of them are of no use to a conversation. */
const MOST_WAITING_BYTES = 100 * 320;
/** A network that takes nothing for five seconds is down, whatever the browser still thinks of it. */
const MOST_STUCK_FRAMES = 250;
/** Codes of RFC 6455 with which a server ends what is over. */
const NORMAL = 1000;
const GOING_AWAY = 1001;
const NOT_ADMITTED = 1008;

const NETWORK_DOWN = 'The network takes nothing any more; the call is over. Call again when it is back.';
const MICROPHONE_GONE = 'The microphone is gone: it was unplugged, or may not be used any more.';

/** `POST /phone/calls`. */
interface Announced extends StreamNames {
  readonly socket: string;
}

export interface PhoneCallEvents {
  /** The loudest sample of 20 ms of the microphone, 0 to 1. */
  level(peak: number): void;
  /** The call is over; `trouble` says what went wrong, if anything did. */
  ended(trouble: string | undefined): void;
}

/** A call from this browser: Twilio's messages over a socket, with a microphone and a loudspeaker at this end. */
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

  /** Opens microphone, call and stream. Throws an `Error` with a sentence for people where that cannot be done. */
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

  hangUp(trouble?: string): void {
    this.#send(() => this.#writer.stop());
    this.#end(trouble);
  }

  #begin(card: SoundCard): void {
    this.#card = card;
    const socket = this.#socket;
    socket.onmessage = ({ data }) => this.#down.carry(this.roughness, () => this.#hear(String(data)));
    // What came before it is still to be heard.
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

  /** Written when it is sent, so that what is lost leaves no gap in the counters. */
  #send(write: () => string): void {
    if (this.#over) return;
    this.#up.carry(this.roughness, () => {
      if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(write());
    });
  }

  #end(trouble: string | undefined): void {
    if (this.#over) return;
    this.#over = true;
    void this.#card?.close();
    this.#up.carry(this.roughness, () => this.#socket.close(NORMAL));
    this.#events.ended(trouble);
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
  if (code === NOT_ADMITTED) return 'You are logged out, and with that the call is over.';
  return `The connection broke (code ${code}). What was said until then is kept; call again when you like.`;
}
