import type { ServiceSettings } from '../../settings/settings.ts';
import { OPENAI_SPEECH_ENDS_ON } from '../../settings/speech/speech-engine.ts';
import { isObject, parseJson } from '../../http/parse-json.ts';
import { ResponseError } from './response-error.ts';
import { responseText } from './response-text.ts';
import { ServiceEndpoint } from './service-endpoint.ts';
import { rootMessage } from './service-failure.ts';

/** A model that its server will remove. */
export interface ModelDeprecation {
  readonly model: string;
  /** YYYY-MM-DD. */
  readonly endsOn: string;
  /** What to set instead, as a sentence; undefined if it is not known. */
  readonly successor?: string | undefined;
}

const REALTIME_INSTEAD =
  'OpenAI ends its speech endpoint; set SPEECH_ENGINE=realtime before that day, or SPEECH_BASE_URL to a compatible server';
const REALTIME_MODEL_INSTEAD = 'set REALTIME_MODEL=gpt-realtime-2.1-mini';
const TRANSCRIBE_INSTEAD = 'set TRANSCRIPTION_MODEL=gpt-transcribe';
const CHAT_INSTEAD = 'set CHAT_MODEL=gpt-6-luna';

/** https://platform.openai.com/docs/deprecations, read in November 2026. The list of models has no dates. */
const ANNOUNCED_BY_OPENAI: readonly (readonly [models: RegExp, endsOn: string, successor: string])[] = [
  [/^(?:tts-1(?:-hd)?|gpt-4o-mini-tts)(?:-\d|$)/u, OPENAI_SPEECH_ENDS_ON, REALTIME_INSTEAD],
  [/^gpt-4(?:o|\.1)(?:-mini)?(?:-\d|$)/u, '2027-01-14', CHAT_INSTEAD],
  // `gpt-realtime-2.1` is another model than the snapshots of `gpt-realtime`.
  [/^gpt-realtime(?:-mini)?(?:-\d{4}-|$)/u, '2027-01-20', REALTIME_MODEL_INSTEAD],
  [/^(?:whisper-1|gpt-4o(?:-mini)?-transcribe(?:-diarize)?)(?:-\d|$)/u, '2027-02-26', TRANSCRIBE_INSTEAD],
  [/^gpt-5\.(?:1|4-nano)(?:-\d|$)/u, '2027-04-01', CHAT_INSTEAD],
];

const AT_START_MS = 5_000;
/** Gateways list hundreds of models. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;

/**
 * The announced removal dates of the models in use: OpenAI's own announcements, and those in each server's `GET /models`. A
 * server that does not answer, or has no such dates, gives no warning.
 */
export async function findModelDeprecations(
  services: readonly (ServiceSettings | undefined)[],
): Promise<ModelDeprecation[]> {
  const present = services.filter((service) => service !== undefined);
  const servers = new Map(present.map((service) => [`${service.baseUrl} ${service.apiKey}`, service]));
  const inUse = new Set(present.map(({ model }) => model));
  const listed = await Promise.all([...servers.values()].map(listedDeprecations));
  const found = [...present.flatMap(announcedDeprecations), ...listed.flat()].filter(({ model }) =>
    inUse.has(model),
  );
  return [...new Map(found.map((one) => [one.model, one])).values()];
}

/** A server's response to a request for its models with the configured key. */
export interface ModelsAnswer {
  /** `key`: the key is rejected; otherwise a sentence. */
  readonly problem?: string | undefined;
  /** Undefined if the server has no list of models. */
  readonly models?: readonly string[] | undefined;
  /** Its `Date` header. */
  readonly date?: string | undefined;
}

export async function listModels(service: ServiceSettings, answerMs: number): Promise<ModelsAnswer> {
  try {
    const { models, date } = await askForModels(service, answerMs);
    return { models: models.map(({ id }) => id), date };
  } catch (error) {
    if (!(error instanceof ResponseError)) return { problem: rootMessage(error) };
    const { status, headers } = error;
    const date = headers.get('date') ?? undefined;
    if (status === 401 || status === 403) return { problem: 'key', date };
    // Not every compatible server has a list of its models.
    return [404, 405, 501].includes(status) ? { date } : { problem: `answers ${status}`, date };
  }
}

/** The end that OpenAI announced for one of its models; none of the same name at another server. */
export function announcedDeprecations({ baseUrl, model }: ServiceSettings): ModelDeprecation[] {
  if (new URL(baseUrl).host !== 'api.openai.com') return [];
  return ANNOUNCED_BY_OPENAI.flatMap(([models, endsOn, successor]) =>
    models.test(model) ? [{ model, endsOn, successor }] : [],
  );
}

async function listedDeprecations(service: ServiceSettings): Promise<ModelDeprecation[]> {
  try {
    const { models } = await askForModels(service, AT_START_MS);
    return models.flatMap(({ id, endsOn }) => (endsOn === undefined ? [] : [{ model: id, endsOn }]));
  } catch {
    return [];
  }
}

interface ListedModel {
  readonly id: string;
  readonly endsOn: string | undefined;
}

async function askForModels(
  service: ServiceSettings,
  answerMs: number,
): Promise<{ readonly models: readonly ListedModel[]; readonly date: string | undefined }> {
  const response = await new ServiceEndpoint(service).get('/models', AbortSignal.timeout(answerMs));
  const page = parseJson(await responseText(response, MAX_LIST_BYTES));
  const data = isObject(page) ? page['data'] : undefined;
  if (!Array.isArray(data)) throw new Error('its list of models cannot be read');
  const models = (data as unknown[]).filter(isObject).map(({ id, shutdown_date: endsOn }) => ({
    id: String(id),
    endsOn: typeof endsOn === 'string' ? endsOn : undefined,
  }));
  return { models, date: response.headers.get('date') ?? undefined };
}
