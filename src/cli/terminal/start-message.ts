import type {
  ServiceSettings,
  Settings,
  SpeechSettings,
  SpeechToSpeechSettings,
} from '../../settings/settings.ts';

/** What a user needs to know when the server has started. */
export interface StartMessage {
  /** Addresses to open, by name. */
  readonly pages: Readonly<Record<string, string>>;
  readonly answeredBy: 'assistant' | 'answering machine';
  /** The services in use, or why the answering machine answers. */
  readonly reason: string;
  /** The address to set at Twilio, or how to receive calls from there. */
  readonly webhook: string;
  readonly statusCallback: string | undefined;
}

const EVERY_ADDRESS = new Set(['0.0.0.0', '::', '']);

/** `port`: the one in use. */
export function startMessage(settings: Settings, port: number): StartMessage {
  const base = pagesAddress(settings, port);
  const { publicUrl, twilio } = settings;
  const telephone = publicUrl?.href.replace(/\/+$/, '');
  const receives = telephone !== undefined && twilio.authToken !== undefined;
  return {
    pages: { calls: `${base}/calls`, phone: `${base}/phone`, recordings: `${base}/recordings` },
    ...answerer(settings),
    webhook: receives
      ? `${telephone}/incoming-call`
      : 'none: set PUBLIC_URL and TWILIO_AUTH_TOKEN to receive calls from Twilio',
    statusCallback: receives ? `${telephone}/call-status` : undefined,
  };
}

function pagesAddress({ publicUrl, host }: Settings, port: number): string {
  if (publicUrl) return publicUrl.href.replace(/\/+$/, '');
  const name = EVERY_ADDRESS.has(host) ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

function answerer(settings: Settings): Pick<StartMessage, 'answeredBy' | 'reason'> {
  const { transcription, streamingTranscription, chat, speech, speechToSpeech } = settings;
  const services = Object.entries({ transcription, chat, speech });
  const missing = services.flatMap(([name, service]) => (service ? [] : [name]));
  const used = services.flatMap(([name, service]) =>
    service ? [`${name} ${described(service)}${engineOf(service)}`] : [],
  );
  if (speechToSpeech) {
    const fallback = missing.length === 0 ? used.join(', ') : 'the answering machine';
    return { answeredBy: 'assistant', reason: `${modelOf(speechToSpeech)}; if it fails: ${fallback}` };
  }
  if (missing.length === 0) {
    if (streamingTranscription) used[0] = `${streamOf(streamingTranscription)}, otherwise ${used[0]}`;
    return { answeredBy: 'assistant', reason: used.join(', ') };
  }
  const variables = missing.map((name) => `${name.toUpperCase()}_BASE_URL`).join(', ');
  return {
    answeredBy: 'answering machine',
    reason: `not configured: ${missing.join(', ')}; set OPENAI_API_KEY, or ${variables} for your own servers`,
  };
}

/** Which engine speaks, and why. */
function engineOf(service: SpeechSettings | ServiceSettings): string {
  if (!('engine' in service) || service.engineReason === undefined) return '';
  const how = service.engine === 'realtime' ? ' over Realtime' : '';
  return `${how} (${service.engineReason})`;
}

function modelOf(service: SpeechToSpeechSettings): string {
  const why = service.reason === undefined ? '' : ` (${service.reason})`;
  const turns = service.turns === 'server' ? ', the server decides where turns end' : '';
  return `speech-to-speech ${described(service)}${why}${turns}`;
}

function streamOf(service: ServiceSettings): string {
  return `streaming transcription ${described(service)} over Realtime (TRANSCRIPTION_ENGINE=realtime)`;
}

function described({ model, baseUrl }: ServiceSettings): string {
  return `${model} at ${new URL(baseUrl).host}`;
}

/** The message as lines for a terminal. */
export function startLines({ pages, answeredBy, reason, webhook, statusCallback }: StartMessage): string[] {
  return [
    '',
    'offhook is ready.',
    ...Object.entries(pages).map(([name, address]) => row(name, address)),
    row('answers', `the ${answeredBy} (${reason})`),
    row('webhook', webhook),
    ...(statusCallback === undefined ? [] : [row('status', statusCallback)]),
    '',
  ];
}

function row(name: string, value: string): string {
  return `  ${name.padEnd(12)}${value}`;
}
