import type { z } from 'zod';
import { fromDesk, toDesk } from '../../desk/desk-messages.ts';
import { fromMicrophone, toMicrophone } from '../../microphone/dictation/dictation-messages.ts';
import { fromTelephone, toTelephone } from './stream-messages.ts';

/** A WebSocket, with the schemas of its JSON messages in both directions. */
export interface SocketDescription {
  readonly path: string;
  /** Its name in the AsyncAPI document. */
  readonly name: string;
  readonly summary: string;
  readonly access: 'login' | 'signed' | 'token';
  /** The field that names the type of a message. */
  readonly typeField: 'type' | 'event';
  readonly fromClient: MessageUnion;
  readonly fromServer: MessageUnion;
}

type MessageUnion = z.ZodDiscriminatedUnion<readonly z.ZodObject[]>;

export const SOCKETS: readonly SocketDescription[] = [
  {
    path: '/calls/live',
    name: 'desk',
    summary: 'The desk: live calls with transcripts and audio; take over, hand back, hang up',
    access: 'login',
    typeField: 'type',
    fromClient: fromDesk,
    fromServer: toDesk,
  },
  {
    path: '/ws',
    name: 'dictation',
    summary:
      'Live transcription of the microphone. If audio arrives faster than it is transcribed, the server pauses reading',
    access: 'login',
    typeField: 'type',
    fromClient: fromMicrophone,
    fromServer: toMicrophone,
  },
  {
    path: '/phone/stream',
    name: 'browserPhone',
    summary: "A telephone in the browser: Twilio's messages, with the token of `POST /phone/calls`",
    access: 'token',
    typeField: 'event',
    fromClient: fromTelephone,
    fromServer: toTelephone,
  },
  {
    path: '/media-stream',
    name: 'mediaStream',
    summary: "Twilio Media Streams, bidirectional, signed, with the one-time token of the webhook's answer",
    access: 'signed',
    typeField: 'event',
    fromClient: fromTelephone,
    fromServer: toTelephone,
  },
];
