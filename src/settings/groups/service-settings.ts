import { serviceAddress } from '../service-address.ts';
import {
  accountSid,
  bindAddress,
  groupName,
  languageTag,
  oneOf,
  password,
  proxyList,
  publicAddress,
  secret,
  directory,
  line,
  text,
  webAddress,
  wholeNumber,
  wholeNumberOrAuto,
} from '../value-types.ts';

/** The settings of `.env`: the server, its services and their keys. */
export const SERVICE_SETTINGS = {
  'The server': {
    PORT: {
      type: wholeNumber(0, 65_535),
      default: '8000',
      help: 'Port to listen on; 0 selects a free one.',
    },
    HOST: {
      type: bindAddress,
      default: '0.0.0.0',
      help: 'Address to listen on; 127.0.0.1 admits only this machine.',
    },
    PUBLIC_URL: {
      type: publicAddress,
      default: null,
      help: 'The address Twilio reaches this server at, exactly as in the number\'s webhook, without "/incoming-call"; required with a Twilio token, because signatures cover it.',
    },
    LOG_LEVEL: {
      type: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
      default: 'info',
      help: 'Log level; words of callers and keys are not logged at any level. Only debug and trace show the stacks of errors.',
    },
    LOG_FORMAT: {
      type: oneOf('auto', 'text', 'json'),
      default: 'auto',
      help: 'Format of the log: text for people, or one JSON object per line for programs; auto is text on a terminal and JSON elsewhere.',
    },
  },
  Access: {
    ADMIN_PASSWORD: {
      type: password,
      default: null,
      help: 'If set, everyone must log in. Otherwise only local requests are served; with PUBLIC_URL or TWILIO_AUTH_TOKEN no request counts as local, so the pages need it.',
    },
    API_TOKEN: {
      type: secret,
      default: null,
      help: 'Programs that send it as `Authorization: Bearer …` are always admitted.',
    },
    TRUST_PROXY: {
      type: proxyList,
      default: 'loopback',
      help: 'The proxies whose X-Forwarded-For is believed, separated by commas: addresses, networks like 10.0.0.0/8, loopback, linklocal, uniquelocal. Attempts to log in are limited by the addresses they name. For a proxy in another container: loopback, uniquelocal.',
    },
    FILE_GROUP: {
      type: groupName,
      default: null,
      help: 'A group whose members may read recordings and texts; default: only the user that runs offhook. That user must be a member.',
    },
  },
  Twilio: {
    TWILIO_ACCOUNT_SID: {
      type: accountSid,
      default: null,
      help: 'The account of the calls; with it and the token, offhook can hang up through the REST API.',
    },
    TWILIO_AUTH_TOKEN: {
      type: secret,
      default: null,
      help: 'Verifies that a request is from Twilio; without it the telephone routes serve only local requests.',
    },
    TWILIO_API_BASE_URL: {
      type: webAddress,
      default: null,
      help: 'An alternative address of the REST API, for tests and simulators.',
    },
  },
  'The services': {
    OPENAI_API_KEY: {
      type: secret,
      default: null,
      help: 'A key for all services below; without any service, offhook is an answering machine.',
    },
    OPENAI_BASE_URL: {
      type: serviceAddress,
      default: 'https://api.openai.com/v1',
      help: 'The base URL of services without a separate one; OPENAI_API_KEY is sent only there. Of Azure: `https://NAME.openai.azure.com/openai/v1`, or `…/openai/deployments/DEPLOYMENT?api-version=VERSION`.',
    },
    TRANSCRIPTION_MODEL: {
      type: line,
      default: 'gpt-transcribe',
      help: 'Transcribes the speech of the caller. gpt-4o-transcribe-diarize also labels the speakers of microphone recordings (whisper-1 and all gpt-4o transcription models end on 2027-02-26).',
    },
    TRANSCRIPTION_BASE_URL: {
      type: serviceAddress,
      default: null,
      help: 'A compatible server for transcription only, for example a local Whisper; enables transcription without a key.',
    },
    TRANSCRIPTION_API_KEY: { type: secret, default: null, help: 'A key for transcription only.' },
    CHAT_MODEL: {
      type: line,
      default: 'gpt-6-luna',
      help: 'Writes the replies and the summary (gpt-4o, gpt-4o-mini, gpt-4.1 and gpt-4.1-mini end on 2027-01-14).',
    },
    CHAT_BASE_URL: {
      type: serviceAddress,
      default: null,
      help: 'A compatible server for replies only, for example Ollama; enables replies without a key.',
    },
    CHAT_API_KEY: { type: secret, default: null, help: 'A key for replies only.' },
    CHAT_REASONING_EFFORT: {
      type: oneOf('none', 'minimal', 'low', 'medium', 'high'),
      default: null,
      help: 'For reasoning models; none or minimal keeps the wait short. Sent only if set, because other models reject it.',
    },
    SPEECH_MODEL: {
      type: line,
      default: 'gpt-4o-mini-tts',
      help: 'Speaks the replies. OpenAI ends this and all other models of its speech endpoint on 2027-01-06; after that, a Realtime model speaks (SPEECH_ENGINE), or a compatible server with SPEECH_BASE_URL.',
    },
    SPEECH_BASE_URL: {
      type: serviceAddress,
      default: null,
      help: 'A compatible server for speech only; enables speech without a key.',
    },
    SPEECH_API_KEY: { type: secret, default: null, help: 'A key for speech only.' },
    SPEECH_VOICE: {
      type: line,
      default: 'alloy',
      help: 'The name of the voice at the speech server; nearly every compatible server has alloy.',
    },
    SPEECH_SAMPLE_RATE: {
      type: wholeNumber(4_000, 192_000),
      default: null,
      help: 'The sample rate of raw samples, for a speech server that has no WAV and does not state the rate; without it, 24000 as at OpenAI.',
    },
  },
  'Checks of the services': {
    SERVICE_CHECK_MINUTES: {
      type: wholeNumber(0, 1_440),
      default: '5',
      help: 'One small request is sent to each service, the database, the object store and the account at Twilio at the start and again after this time, unless a call has used the service; failures appear in the log, in /health and on the pages. It also keeps a local model loaded. 0: nothing is checked.',
    },
  },
  'End of turns': {
    END_OF_TURN_URL: {
      type: webAddress,
      default: null,
      help: 'The address of a smart-turn server (docs/services.md), which hears each pause of a caller: it makes the assistant wait longer, or less, where the words leave it open.',
    },
    END_OF_TURN_API_KEY: {
      type: secret,
      default: null,
      help: 'A key for END_OF_TURN_URL, sent as a bearer token.',
    },
  },
  'Language and texts': {
    LANGUAGE: {
      type: languageTag,
      default: 'en',
      help: 'Language of the calls: a hint for the recogniser, and the language of the prompts and refusals.',
    },
    SPOKEN_FORM: {
      type: oneOf('auto', 'off', 'codes', 'all'),
      default: 'auto',
      help: 'How numbers of a reply are put into words before they are spoken: codes puts telephone numbers, e-mail addresses and codes into groups of digits and words, all also ordinary numbers, dates, times and amounts (English, German, Spanish, French), off leaves the text to the voice. auto is codes for voices of OpenAI and Azure, which read ordinary numbers well, and all for other servers.',
    },
    GREETING: {
      type: text,
      default: 'Thank you for calling. How can I help you?',
      help: 'The first sentence of the assistant.',
    },
    INSTRUCTIONS: {
      type: text,
      default:
        'You are a friendly assistant on the telephone. Answer in one to three short spoken sentences, in the language of the caller, without lists, markup or emoji. When you do not know something, say so.',
      help: 'The system prompt of the chat model.',
    },
    PROMPTS_DIRECTORY: {
      type: directory,
      default: 'prompts',
      help: 'The directory of recorded phrases (greeting, apology, goodbye); your own recordings replace the shipped ones.',
    },
  },
  Limits: {
    MAX_CALLS: {
      type: wholeNumber(0, 100_000),
      default: '0',
      help: 'Calls beyond this number hear a busy message; 0: no limit.',
    },
    OVERLOAD_DELAY_MS: {
      type: wholeNumber(0, 60_000),
      default: '500',
      help: 'New calls hear the busy message while the server is overloaded: for five seconds the 99th percentile of the delays of its event loop was longer than this, or journals were written more than 5 s late. Ten seconds below half of that end it; 0: never.',
    },
    WORKERS: {
      type: wholeNumberOrAuto(1, 64),
      default: '1',
      help: 'Processes that live calls are divided among, for more calls than one CPU core holds (about a hundred conversations); auto: one for each core. They share port, files and desk; each takes about 120 MB.',
    },
    MAX_CALL_MINUTES: {
      type: wholeNumber(0, 1_440),
      default: '240',
      help: 'The maximum length of a call; the caller hears an announcement before the end. Twilio ends calls after 240; 0: no limit.',
    },
    DISK_RESERVE_MB: {
      type: wholeNumber(0, 1_000_000_000),
      default: '1000',
      help: 'Disk space kept for calls: recordings of the microphone are refused (507) if less would be left. An hour of calls takes at most 120 MB with MP3, so 1000 are about eight hours.',
    },
    DRAIN_SECONDS: {
      type: wholeNumber(0, 86_400),
      default: '25',
      help: 'How long live calls may continue after SIGTERM; 25 leaves 5 of the 30 seconds that Kubernetes grants for writing files.',
    },
    FINISH_WAIT_MS: {
      type: wholeNumber(0, 600_000),
      default: '15000',
      help: 'How long a finished call waits for late texts and the summary before its files are written without them; the files are updated when the texts arrive.',
    },
    PENDING_DAYS: {
      type: wholeNumber(0, 3_650),
      default: '30',
      help: 'How long to keep the journal of a call whose texts are missing.',
    },
    MAX_LEAD_MS: {
      type: wholeNumber(1_000, 540_000),
      default: '10000',
      help: 'How much unplayed audio to buffer at Twilio; less means more messages, and Twilio rejects more than 10 minutes.',
    },
  },
} as const;
