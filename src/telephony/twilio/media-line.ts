import type { WebSocket } from 'ws';
import type { Line } from '../../call/ports.ts';
import { clearMessage, markMessage, mediaMessage } from './messages.ts';

/** A peer that leaves this much unread is gone; Twilio itself refuses beyond ten minutes of audio, 6.5 MB. */
const UNREAD_BYTES = 8 * 1024 * 1024;

/** The line over Twilio's media stream: text frames, and messages of one turn of the event loop in one write. */
export class MediaLine implements Line {
  readonly #socket: WebSocket;
  readonly #streamSid: string;
  readonly #endCall: () => void;
  #corked = false;

  /** `endCall` ends the telephone call behind the stream. */
  constructor(socket: WebSocket, streamSid: string, endCall: () => void) {
    this.#socket = socket;
    this.#streamSid = streamSid;
    this.#endCall = endCall;
  }

  sendAudio(mulaw: Uint8Array): void {
    this.#send(mediaMessage(this.#streamSid, mulaw));
  }

  sendMark(name: string): void {
    this.#send(markMessage(this.#streamSid, name));
  }

  clear(): void {
    this.#send(clearMessage(this.#streamSid));
  }

  hangUp(): void {
    this.#endCall();
  }

  #send(text: string): void {
    const socket = this.#socket;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > UNREAD_BYTES) {
      socket.terminate();
      return;
    }
    this.#cork();
    socket.send(text);
  }

  /** A mark and the audio after it are sent in one write: the network may separate two writes. */
  #cork(): void {
    if (this.#corked) return;
    const wire = (this.#socket as unknown as { readonly _socket?: { cork(): void; uncork(): void } | null })
      ._socket;
    if (!wire) return;
    this.#corked = true;
    wire.cork();
    process.nextTick(() => {
      this.#corked = false;
      wire.uncork();
    });
  }
}
