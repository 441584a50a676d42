import { fromDesk, toDesk } from '../../desk/desk-messages.ts';
import { type JsonSchema, schemaOf } from '../../http/json-schema.ts';
import { fromMicrophone, toMicrophone } from '../../microphone/dictation-messages.ts';

/** What goes over a socket, in both directions: as schemas, or in words where the messages are Twilio's. */
export interface SocketDescription {
  readonly summary: string;
  readonly fromClient: Messages;
  readonly fromServer: Messages;
}

type Messages = { readonly schema: JsonSchema } | { readonly words: string };

const TWILIO_SAYS =
  '`connected`, then `start` (`streamSid`, `callSid`, `mediaFormat`, and the token in `customParameters`), then `media` with 20 ms of μ-law at 8 kHz as base64 and its `timestamp`, `dtmf` for a key, `mark` for each mark that was reached or cleared, and `stop`.';
const WE_SAY =
  '`media` with μ-law at 8 kHz as base64, which is played in the order in which it comes; `mark`, which comes back once what was sent before it has been heard; `clear`, which throws away what has not been heard yet.';

/** Path → what goes over it. */
export const SOCKETS: Readonly<Record<string, SocketDescription>> = {
  '/calls/live': {
    summary: 'The desk: live calls, their transcripts and their sound; taking over, handing back, hanging up',
    fromClient: { schema: schemaOf(fromDesk) },
    fromServer: { schema: schemaOf(toDesk) },
  },
  '/ws': {
    summary:
      'Live transcription of the microphone. Who sends faster than texts come is not refused, but read no further until they have come',
    fromClient: { schema: schemaOf(fromMicrophone) },
    fromServer: { schema: schemaOf(toMicrophone) },
  },
  '/phone/stream': {
    summary: "A telephone in the browser: Twilio's messages, with the token of `POST /phone/calls`",
    fromClient: { words: TWILIO_SAYS },
    fromServer: { words: WE_SAY },
  },
  '/media-stream': {
    summary: "Twilio Media Streams, bidirectional, signed, with the one-time token of the webhook's answer",
    fromClient: { words: TWILIO_SAYS },
    fromServer: { words: WE_SAY },
  },
};
