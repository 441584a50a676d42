import { realtimeAddress } from './realtime-address.ts';
import { line, oneOf, secret } from '../value-types.ts';

/** Conversation, speech and transcription over OpenAI's Realtime interface. */
export const REALTIME_SETTINGS = {
  'Services over Realtime': {
    ASSISTANT: {
      type: oneOf('auto', 'pipeline', 'realtime'),
      default: 'auto',
      help: 'Who replies to callers: pipeline is transcription, chat model and voice; realtime is one Realtime model that hears and speaks (speech-to-speech, REALTIME_…), and the pipeline for what fails there. auto is realtime if REALTIME_BASE_URL or REALTIME_API_KEY is set, and neither SPEECH_BASE_URL nor SPEECH_ENGINE or TRANSCRIPTION_ENGINE=realtime, which use the Realtime server for a part alone.',
    },
    SPEECH_ENGINE: {
      type: oneOf('auto', 'http', 'realtime'),
      default: 'auto',
      help: 'How the replies are spoken: http uses the speech endpoint (SPEECH_…), realtime a Realtime model that reads the sentences out (REALTIME_…). auto is http if SPEECH_BASE_URL is set; otherwise realtime if ASSISTANT is, if REALTIME_BASE_URL is set or, for OpenAI itself, from 2027-01-06 on, when its speech endpoint has ended. It is decided at the start: a server that runs over that day needs a restart, or realtime before.',
    },
    TRANSCRIPTION_ENGINE: {
      type: oneOf('whisper', 'realtime'),
      default: 'whisper',
      help: 'How callers are transcribed: whisper sends each utterance to the transcription endpoint (TRANSCRIPTION_…), realtime sends the audio to a Realtime server while the caller speaks (REALTIME_TRANSCRIPTION_MODEL). An utterance that fails there is sent to the transcription endpoint, which must be configured too; microphone recordings always are.',
    },
    REALTIME_TRANSCRIPTION_MODEL: {
      type: line,
      default: 'gpt-live-transcribe',
      help: 'Transcribes callers if TRANSCRIPTION_ENGINE is realtime, and those of a Realtime assistant without a transcription endpoint; LANGUAGE is passed on to it.',
    },
    REALTIME_MODEL: {
      type: line,
      default: 'gpt-realtime-2.1-mini',
      help: 'Speaks the replies if ASSISTANT or SPEECH_ENGINE selects realtime (gpt-realtime and gpt-realtime-mini end on 2027-01-20).',
    },
    REALTIME_BASE_URL: {
      type: realtimeAddress,
      default: null,
      help: 'The address of a Realtime server, with ws:// or wss://; by default that of OPENAI_BASE_URL. A voice must send audio/pcmu; enables speech without a key.',
    },
    REALTIME_API_KEY: {
      type: secret,
      default: null,
      help: 'A key for the Realtime server only; by default OPENAI_API_KEY, if the server is that of OPENAI_BASE_URL.',
    },
    REALTIME_TURNS: {
      type: oneOf('own', 'server'),
      default: 'own',
      help: 'Who decides where the turns of callers end if ASSISTANT selects realtime: own is offhook, by the words and the pauses (END_OF_TURN_MS); server is the Realtime server, which hears the whole line (semantic_vad, or server_vad). Replies are requested by offhook in both cases; a server that does not end a turn is not waited for after 2.5 s of silence.',
    },
    REALTIME_VOICE: {
      type: line,
      default: 'marin',
      help: 'The name of the voice; OpenAI recommends marin and cedar.',
    },
  },
} as const;
