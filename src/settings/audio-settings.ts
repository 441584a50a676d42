import { AUDIO_FORMATS } from '../audio/formats/formats.ts';
import { kilobits, oneOf, recordingRate, text, wholeNumber, yesOrNo } from './value-types.ts';

/** The settings of `audio_config.env`: the recording and the flow of a conversation. Times are milliseconds. */
export const AUDIO_SETTINGS = {
  'The recording': {
    DEFAULT_AUDIO_FORMAT: {
      kind: oneOf(...AUDIO_FORMATS),
      standard: 'mp3',
      help: 'Format of a recording, unless a call asks for another: mp3, wav, ogg or flac.',
    },
    MP3_BITRATE: {
      kind: kilobits,
      standard: '128k',
      help: 'Constant bitrate of MP3 files; up to 160k they are written at 16 kHz, above (192k to 320k) at 32 kHz. lamejs raises bitrates that are too low for the sample rate; a warning at the start names the bitrate that is written.',
    },
    MP3_ENCODER: {
      kind: oneOf('wasm', 'lamejs'),
      standard: 'wasm',
      help: 'LAME as WebAssembly (wasm, four times faster) or in plain JavaScript (lamejs).',
    },
    RECORD_CONVERSATIONS: {
      kind: yesOrNo,
      standard: 'true',
      help: 'If false, no audio is stored; transcript and summary are still written.',
    },
    RECORDINGS_DIRECTORY: {
      kind: text,
      standard: 'responses',
      help: 'The directory for the files of calls; the working state of offhook is in its `.offhook/`.',
    },
    MICROPHONE_DIRECTORY: {
      kind: text,
      standard: 'recordings',
      help: 'The directory for microphone recordings from the browser.',
    },
    RECORDING_CHANNELS: {
      kind: oneOf('mono', 'stereo'),
      standard: 'mono',
      help: 'mono mixes both sides; stereo puts the caller on the left, the assistant and the operator on the right.',
    },
    RECORDING_SAMPLE_RATE: {
      kind: recordingRate,
      standard: 'auto',
      help: "Samples per second; auto is the telephone's own 8000 for WAV, FLAC and OGG and what MP3_BITRATE needs for MP3.",
    },
    KEEP_JOURNALS: {
      kind: yesOrNo,
      standard: 'false',
      help: 'Keep the journal of each call after its files are written, so that `npm run export` can convert it to a fixture.',
    },
  },
  'Taking turns': {
    END_OF_TURN_MS: {
      kind: wholeNumber(200, 5_000),
      standard: '700',
      help: 'Silence that ends the turn of the caller; a shorter one cuts people off, a longer one feels slow.',
    },
    PRE_ROLL_MS: {
      kind: wholeNumber(0, 2_000),
      standard: '300',
      help: 'Audio kept from before speech was detected, so that quiet first sounds reach the recogniser.',
    },
    MIN_SPEECH_MS: {
      kind: wholeNumber(20, 2_000),
      standard: '120',
      help: 'Speech shorter than this is a click or a cough, not a turn; a short "yes" lasts about 200 ms.',
    },
    BARGE_IN_MS: {
      kind: wholeNumber(60, 5_000),
      standard: '400',
      help: 'Speech of this length interrupts the assistant; long enough to ignore "mhm", a cough or an echo.',
    },
    LONGEST_UTTERANCE_MS: {
      kind: wholeNumber(5_000, 300_000),
      standard: '30000',
      help: 'The maximum length of an utterance, because music on hold never pauses; recognisers process 30 s at a time.',
    },
    ANSWER_FIRST: {
      kind: oneOf('assistant', 'desk'),
      standard: 'assistant',
      help: 'Who answers a call: the assistant at once, or an available operator first and then the assistant.',
    },
    RING_DESK_SECONDS: {
      kind: wholeNumber(1, 120),
      standard: '15',
      help: 'With ANSWER_FIRST=desk: how long a call rings at the desk before the assistant answers.',
    },
    STILL_THERE_AFTER_MS: {
      kind: wholeNumber(0, 600_000),
      standard: '15000',
      help: 'Silence after which the assistant asks whether the caller is still there; 0 never asks.',
    },
    GOODBYE_AFTER_MS: {
      kind: wholeNumber(1_000, 600_000),
      standard: '15000',
      help: 'Silence after that question before the assistant says goodbye and hangs up.',
    },
    FILLER_AFTER_MS: {
      kind: wholeNumber(500, 30_000),
      standard: '3000',
      help: 'After waiting this long for a reply, the caller hears a filler phrase; more than 4 s of silence sounds like a lost connection.',
    },
  },
  'The answering machine': {
    MESSAGE_PAUSE_MS: {
      kind: wholeNumber(500, 30_000),
      standard: '2000',
      help: 'Pause in a message after which it offers to add something or to hang up.',
    },
    MESSAGE_SILENCE_MS: {
      kind: wholeNumber(2_000, 600_000),
      standard: '20000',
      help: 'Silence without speech after which it says goodbye and hangs up.',
    },
  },
} as const;
