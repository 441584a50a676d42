import { AUDIO_FORMATS } from '../../audio/formats/formats.ts';
import { kilobits, oneOf, recordingRate, directory, file, wholeNumber, yesOrNo } from '../value-types.ts';

/** The settings of `audio_config.env`: the recording and the flow of a conversation. Times are milliseconds. */
export const AUDIO_SETTINGS = {
  'The recording': {
    DEFAULT_AUDIO_FORMAT: {
      type: oneOf(...AUDIO_FORMATS),
      default: 'mp3',
      help: 'Format of a recording, unless a call asks for another: mp3, wav, ogg or flac.',
    },
    MP3_BITRATE: {
      type: kilobits,
      default: '128k',
      help: 'Constant bitrate of MP3 files; up to 160k they are written at 16 kHz, above (192k to 320k) at 32 kHz. lamejs raises bitrates that are too low for the sample rate; a warning at the start names the bitrate that is written.',
    },
    MP3_ENCODER: {
      type: oneOf('wasm', 'lamejs'),
      default: 'wasm',
      help: 'LAME as WebAssembly (wasm, four times faster) or in plain JavaScript (lamejs).',
    },
    RECORD_CONVERSATIONS: {
      type: yesOrNo,
      default: 'true',
      help: 'If false, no audio is stored; transcript and summary are still written.',
    },
    RECORDINGS_DIRECTORY: {
      type: directory,
      default: 'responses',
      help: 'The directory for the files of calls; the working state of offhook is in its `.offhook/`.',
    },
    MICROPHONE_DIRECTORY: {
      type: directory,
      default: 'recordings',
      help: 'The directory for microphone recordings from the browser.',
    },
    RECORDING_CHANNELS: {
      type: oneOf('mono', 'stereo'),
      default: 'mono',
      help: 'mono mixes both sides; stereo puts the caller on the left, the assistant and the operator on the right.',
    },
    RECORDING_SAMPLE_RATE: {
      type: recordingRate,
      default: 'auto',
      help: "Samples per second; auto is the telephone's own 8000 for WAV, FLAC and OGG and what MP3_BITRATE needs for MP3.",
    },
    KEEP_JOURNALS: {
      type: yesOrNo,
      default: 'false',
      help: 'Keep the journal of each call after its files are written, so that `npm run export` can convert it to a fixture.',
    },
  },
  'Taking turns': {
    END_OF_TURN_MS: {
      type: wholeNumber(200, 5_000),
      default: '700',
      help: 'Silence that ends the turn of the caller if the words do not tell: after a finished sentence 350 ms are enough, after one that goes on it is 1500 ms.',
    },
    TURN_RULES_FILE: {
      type: file,
      default: null,
      help: 'A YAML file with words of your own: of assent, that leave a sentence unfinished, and that end a conversation, by language; docs/turn-rules.md describes it.',
    },
    EAGER_REPLIES: {
      type: oneOf('off', 'text', 'reply'),
      default: 'reply',
      help: 'What is prepared while the caller pauses: nothing, the transcription, or after a finished sentence the reply too. It is discarded if the caller goes on; off costs no discarded requests, but about 0.5 s per reply.',
    },
    PRE_ROLL_MS: {
      type: wholeNumber(0, 2_000),
      default: '300',
      help: 'Audio kept from before speech was detected, so that quiet first sounds reach the recogniser.',
    },
    MIN_SPEECH_MS: {
      type: wholeNumber(20, 2_000),
      default: '120',
      help: 'Speech shorter than this is a click or a cough, not a turn; a short "yes" lasts about 200 ms.',
    },
    BARGE_IN_MS: {
      type: wholeNumber(60, 5_000),
      default: '240',
      help: 'Speech of this length interrupts the assistant. After a cough or a word of assent it speaks on; shorter words, such as "no", interrupt it when their text is known.',
    },
    LONGEST_UTTERANCE_MS: {
      type: wholeNumber(5_000, 300_000),
      default: '30000',
      help: 'The maximum length of an utterance, because music on hold never pauses; recognisers process 30 s at a time.',
    },
    ANSWER_FIRST: {
      type: oneOf('assistant', 'desk'),
      default: 'assistant',
      help: 'Who answers a call: the assistant at once, or an available operator first and then the assistant.',
    },
    RING_DESK_SECONDS: {
      type: wholeNumber(1, 120),
      default: '15',
      help: 'With ANSWER_FIRST=desk: how long a call rings at the desk before the assistant answers.',
    },
    STILL_THERE_AFTER_MS: {
      type: wholeNumber(0, 600_000),
      default: '15000',
      help: 'Silence after which the assistant asks whether the caller is still there; 0 never asks.',
    },
    GOODBYE_AFTER_MS: {
      type: wholeNumber(1_000, 600_000),
      default: '15000',
      help: 'Silence after that question before the assistant says goodbye and hangs up.',
    },
    ONE_SIDED_MINUTES: {
      type: wholeNumber(0, 240),
      default: '3',
      help: 'Minutes of music on hold or other noise before the assistant asks for a sign of a person, says goodbye and hangs up; 0 never ends such a call.',
    },
    FILLER_AFTER_MS: {
      type: wholeNumber(500, 30_000),
      default: '3000',
      help: 'After waiting this long for a reply, the caller hears a filler phrase; more than 4 s of silence sounds like a lost connection.',
    },
  },
  'The answering machine': {
    MESSAGE_PAUSE_MS: {
      type: wholeNumber(500, 30_000),
      default: '2000',
      help: 'Pause in a message after which it offers to add something or to hang up.',
    },
    MESSAGE_SILENCE_MS: {
      type: wholeNumber(2_000, 600_000),
      default: '20000',
      help: 'Silence without speech after which it says goodbye and hangs up.',
    },
  },
} as const;
