import { fromDesk, toDesk } from '../../desk/desk-messages.ts';
import { type JsonSchema, schemaOf } from '../../http/json-schema.ts';
import { fromMicrophone, toMicrophone } from '../../microphone/dictation-messages.ts';

/** The messages of a WebSocket in both directions: as schemas, or in words for Twilio's messages. */
export interface SocketDescription {
  readonly summary: string;
  readonly fromClient: Messages;
  readonly fromServer: Messages;
}

type Messages = { readonly schema: JsonSchema } | { readonly words: string };

const FROM_TWILIO =
  '`connected`, then `start` (`streamSid`, `callSid`, `mediaFormat`, and the token in `customParameters`), then `media` with 20 ms of μ-law at 8 kHz as base64 and its `timestamp`, `dtmf` for a key, `mark` for each mark that was played or cleared, and `stop`.';
const TO_TWILIO =
  '`media` with μ-law at 8 kHz as base64, played in the order received; `mark`, which is returned when the audio sent before it has been played; `clear`, which discards audio that has not been played.';

/** Descriptions by path. */
export const SOCKETS: Readonly<Record<string, SocketDescription>> = {
  '/calls/live': {
    summary: 'The desk: live calls with transcripts and audio; take over, hand back, hang up',
    fromClient: { schema: schemaOf(fromDesk) },
    fromServer: { schema: schemaOf(toDesk) },
  },
  '/ws': {
    summary:
      'Live transcription of the microphone. If audio arrives faster than it is transcribed, the server pauses reading',
    fromClient: { schema: schemaOf(fromMicrophone) },
    fromServer: { schema: schemaOf(toMicrophone) },
  },
  '/phone/stream': {
    summary: "A telephone in the browser: Twilio's messages, with the token of `POST /phone/calls`",
    fromClient: { words: FROM_TWILIO },
    fromServer: { words: TO_TWILIO },
  },
  '/media-stream': {
    summary: "Twilio Media Streams, bidirectional, signed, with the one-time token of the webhook's answer",
    fromClient: { words: FROM_TWILIO },
    fromServer: { words: TO_TWILIO },
  },
};
