import type { DeskCall, FromDesk, ToDesk } from '../../src/desk/desk-messages.ts';
import type { TranscriptTurn } from '../../src/records/text/transcript.ts';
import { socketAddress } from '../frame/ask-server.ts';

const DESK = '/calls/live';
const AGAIN_AFTER_MS = 1_000;
/** Of the registry of RFC 6455. */
const TRY_LATER = 1013;
const DESK_FULL =
  'The live transcript is unavailable: too many browsers are open at the desk. The call continues.';
const NO_DESK = 'The live transcript is unavailable; retrying. The call continues.';

/** The growing transcript of one call, and the call's state, received from the desk's WebSocket. */
export class LiveTranscript {
  /** Ordered by the beginning of the speech. */
  turns: readonly TranscriptTurn[] = [];
  call: DeskCall | undefined;
  /** Why there is no transcript. */
  problem: string | undefined;
  readonly #callSid: string;
  readonly #changed: () => void;
  readonly #byId = new Map<string, TranscriptTurn>();
  #socket: WebSocket | undefined;
  #again: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(callSid: string, changed: () => void) {
    this.#callSid = callSid;
    this.#changed = changed;
    this.#open();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#again);
    this.#socket?.close();
  }

  #open(): void {
    const socket = new WebSocket(socketAddress(DESK));
    this.#socket = socket;
    const say = (message: FromDesk): void => socket.send(JSON.stringify(message));
    socket.onopen = () => {
      // This page is a caller; calls must not ring here.
      say({ type: 'available', available: false });
      say({ type: 'watch', callSid: this.#callSid });
    };
    socket.onmessage = ({ data }) => this.#hear(JSON.parse(String(data)) as ToDesk);
    socket.onclose = ({ code }) => {
      if (this.#closed) return;
      this.problem = code === TRY_LATER ? DESK_FULL : NO_DESK;
      this.#again = setTimeout(() => this.#open(), AGAIN_AFTER_MS);
      this.#changed();
    };
  }

  #hear(message: ToDesk): void {
    this.problem = undefined;
    if (message.type === 'turns' && message.callSid === this.#callSid) {
      for (const turn of message.turns) this.#byId.set(turn.id, turn);
      this.turns = [...this.#byId.values()].sort((a, b) => a.startMs - b.startMs);
    } else if (message.type === 'call' && message.call.callSid === this.#callSid) this.call = message.call;
    else if (message.type === 'welcome')
      this.call = message.calls.find(({ callSid }) => callSid === this.#callSid) ?? this.call;
    else if (message.type === 'gone' && message.callSid === this.#callSid) {
      this.call = undefined;
      this.close();
    } else return;
    this.#changed();
  }
}
