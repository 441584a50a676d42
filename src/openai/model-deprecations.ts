import type { ServiceSettings } from '../settings/settings.ts';
import { openAiClient } from './openai-client.ts';
import type { ServiceTimeouts } from './timeouts.ts';

/** A model that its server will switch off. */
export interface ModelDeprecation {
  readonly model: string;
  /** YYYY-MM-DD, as the server says it. */
  readonly endsOn: string;
}

const AT_START: ServiceTimeouts = { answerMs: 5_000, idleMs: 5_000, retries: 0 };

/**
 * Asks each server's `GET /models` for the announced end of the models in use. A server that does not answer or does
 * not know such a date gives no warning: this is a courtesy at the start, not a check.
 */
export async function findModelDeprecations(
  services: readonly (ServiceSettings | undefined)[],
): Promise<ModelDeprecation[]> {
  const present = services.filter((service) => service !== undefined);
  const servers = new Map(present.map((service) => [`${service.baseUrl} ${service.apiKey}`, service]));
  const inUse = new Set(present.map(({ model }) => model));
  const listed = await Promise.all([...servers.values()].map(listOf));
  const endings = listed.flat().filter(({ model }) => inUse.has(model));
  return [...new Map(endings.map((ending) => [ending.model, ending])).values()];
}

/** What a server says when it is asked for its models, with the key that is configured. */
export interface ModelsAnswer {
  /** `key`: it does not take the key; else a sentence. */
  readonly problem?: string;
  /** Absent where the server answers and has no list. */
  readonly models?: readonly string[];
  /** Its `Date` header. */
  readonly date?: string;
}

export async function asksForModels(service: ServiceSettings, answerMs: number): Promise<ModelsAnswer> {
  const client = openAiClient(service, { answerMs, idleMs: answerMs, retries: 0 });
  try {
    const { data, response } = await client.models.list().withResponse();
    const date = response.headers.get('date') ?? undefined;
    return { models: data.data.map(({ id }) => id), ...(date !== undefined && { date }) };
  } catch (error) {
    const { status, headers, message } = error as { status?: number; headers?: Headers; message: string };
    const date = headers?.get('date') ?? undefined;
    const dated = { ...(date !== undefined && { date }) };
    if (status === undefined) return { problem: message };
    if (status === 401 || status === 403) return { problem: 'key', ...dated };
    // Not every compatible server has a list of its models.
    return [404, 405, 501].includes(status) ? dated : { problem: `answers ${status}`, ...dated };
  }
}

async function listOf(service: ServiceSettings): Promise<ModelDeprecation[]> {
  try {
    const page = await openAiClient(service, AT_START).models.list();
    return page.data.flatMap((model) => {
      const endsOn = (model as { shutdown_date?: unknown }).shutdown_date;
      return typeof endsOn === 'string' ? [{ model: model.id, endsOn }] : [];
    });
  } catch {
    return [];
  }
}
