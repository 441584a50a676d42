import {
  accountSid,
  bindAddress,
  groupName,
  languageTag,
  oneOf,
  secret,
  text,
  webAddress,
  wholeNumber,
} from './value-types.ts';

/** What `.env` holds: where the server is, whom it talks to, and its keys. */
export const SERVICE_SETTINGS = {
  'The server': {
    PORT: {
      kind: wholeNumber(0, 65_535),
      standard: '8000',
      help: 'Port to listen on; 0 takes any free one.',
    },
    HOST: {
      kind: bindAddress,
      standard: '0.0.0.0',
      help: 'Address to listen on; 127.0.0.1 shuts everything but this machine out.',
    },
    PUBLIC_URL: {
      kind: webAddress,
      standard: null,
      help: 'The address Twilio reaches this server at, exactly as in the number\'s webhook, without "/incoming-call"; required with a Twilio token, because signatures are over it.',
    },
    LOG_LEVEL: {
      kind: oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'),
      standard: 'info',
      help: 'How much is logged; words of callers and keys are never logged at any level.',
    },
  },
  'Who gets in': {
    ADMIN_PASSWORD: {
      kind: text,
      standard: null,
      help: 'With it everyone logs in. Without it only local requests are served; with PUBLIC_URL or TWILIO_AUTH_TOKEN there are none, and it is needed for the pages.',
    },
    API_TOKEN: {
      kind: secret,
      standard: null,
      help: 'Programs that send it as `Authorization: Bearer …` are always admitted.',
    },
    FILE_GROUP: {
      kind: groupName,
      standard: null,
      help: 'A group whose members may read recordings and texts; without it only the user that runs offhook can. That user must be a member.',
    },
  },
  Twilio: {
    TWILIO_ACCOUNT_SID: {
      kind: accountSid,
      standard: null,
      help: 'The account the calls come from; with it and the token offhook can hang up by itself.',
    },
    TWILIO_AUTH_TOKEN: {
      kind: secret,
      standard: null,
      help: 'Proves that a request is from Twilio; without it the telephone routes serve local requests only.',
    },
    TWILIO_API_BASE_URL: {
      kind: webAddress,
      standard: null,
      help: "Another address for Twilio's REST API, for tests and simulators.",
    },
  },
  'The services': {
    OPENAI_API_KEY: {
      kind: secret,
      standard: null,
      help: 'One key for all three services below; without any, offhook is an answering machine.',
    },
    OPENAI_BASE_URL: {
      kind: webAddress,
      standard: 'https://api.openai.com/v1',
      help: 'Where services without a base URL of their own are asked; OPENAI_API_KEY is sent there and nowhere else.',
    },
    TRANSCRIPTION_MODEL: {
      kind: text,
      standard: 'gpt-transcribe',
      help: "Turns the caller's speech into text (whisper-1 and gpt-4o-transcribe end on 2027-02-26).",
    },
    TRANSCRIPTION_BASE_URL: {
      kind: webAddress,
      standard: null,
      help: 'A compatible server for transcription alone, for example a local Whisper; switches it on without a key.',
    },
    TRANSCRIPTION_API_KEY: { kind: secret, standard: null, help: 'A key for transcription alone.' },
    CHAT_MODEL: {
      kind: text,
      standard: 'gpt-6-luna',
      help: 'Writes the replies and the summary (gpt-4o, gpt-4o-mini, gpt-4.1 and gpt-4.1-mini end on 2027-01-14).',
    },
    CHAT_BASE_URL: {
      kind: webAddress,
      standard: null,
      help: 'A compatible server for replies alone, for example Ollama; switches them on without a key.',
    },
    CHAT_API_KEY: { kind: secret, standard: null, help: 'A key for replies alone.' },
    CHAT_REASONING_EFFORT: {
      kind: oneOf('none', 'minimal', 'low', 'medium', 'high'),
      standard: null,
      help: 'For models that think before they answer; none or minimal keeps a caller from waiting. Sent only when set, since other models refuse it.',
    },
    SPEECH_MODEL: {
      kind: text,
      standard: 'gpt-4o-mini-tts',
      help: "Speaks the replies; OpenAI ends this model and every other of its speech endpoint on 2027-01-06: then a compatible server's, with SPEECH_BASE_URL.",
    },
    SPEECH_BASE_URL: {
      kind: webAddress,
      standard: null,
      help: 'A compatible server for speech alone; switches it on without a key.',
    },
    SPEECH_API_KEY: { kind: secret, standard: null, help: 'A key for speech alone.' },
    SPEECH_VOICE: {
      kind: text,
      standard: 'alloy',
      help: 'The voice, by the name the speech server gives it; nearly every compatible server knows alloy.',
    },
  },
  'What it says': {
    LANGUAGE: {
      kind: languageTag,
      standard: 'en',
      help: 'Language of the calls: a hint to the recogniser, the prompts and the polite refusals.',
    },
    GREETING: {
      kind: text,
      standard: 'Thank you for calling. How can I help you?',
      help: 'The first sentence of the assistant.',
    },
    INSTRUCTIONS: {
      kind: text,
      standard:
        'You are a friendly assistant on the telephone. Answer in one to three short spoken sentences, in the language of the caller, without lists, markup or emoji. When you do not know something, say so.',
      help: 'What the chat model is told about its part.',
    },
    PROMPTS_DIRECTORY: {
      kind: text,
      standard: 'prompts',
      help: 'Recorded phrases: greeting, apology, goodbye; a folder of your own recordings takes the place of the shipped ones.',
    },
  },
  Limits: {
    MAX_CALLS: {
      kind: wholeNumber(0, 100_000),
      standard: '0',
      help: 'More calls at once hear a polite busy answer; 0 is no limit.',
    },
    MAX_CALL_MINUTES: {
      kind: wholeNumber(0, 1_440),
      standard: '240',
      help: 'A call this long is told so and ended; 240 is where Twilio ends it by itself, 0 is no limit.',
    },
    DRAIN_SECONDS: {
      kind: wholeNumber(0, 86_400),
      standard: '25',
      help: 'How long live calls may go on after SIGTERM; 25 leaves 5 of the 30 seconds that Kubernetes waits for writing files.',
    },
    FINISH_WAIT_MS: {
      kind: wholeNumber(0, 600_000),
      standard: '15000',
      help: 'How long a finished call waits for late texts and the summary before its files are written without them; they are replaced when the texts come.',
    },
    PENDING_DAYS: {
      kind: wholeNumber(0, 3_650),
      standard: '30',
      help: 'How long the journal of a call is kept whose texts never came.',
    },
    MAX_LEAD_MS: {
      kind: wholeNumber(1_000, 540_000),
      standard: '10000',
      help: 'How much audio may wait at Twilio unheard; less means more messages, and Twilio refuses more than 10 minutes.',
    },
  },
} as const;
