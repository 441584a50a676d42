import type { ServiceSettings } from '../settings.ts';
import { openAiClient } from './openai-client.ts';
import type { Patience } from './patience.ts';

/** A model that its server will switch off. */
export interface ModelEnding {
  readonly model: string;
  /** YYYY-MM-DD, as the server says it. */
  readonly endsOn: string;
}

const AT_START: Patience = { answerMs: 5_000, idleMs: 5_000, retries: 0 };

/**
 * Asks each server's `GET /models` for the announced end of the models in use. A server that does not answer or does
 * not know such a date gives no warning: this is a courtesy at the start, not a check.
 */
export async function findModelEndings(
  services: readonly (ServiceSettings | undefined)[],
): Promise<ModelEnding[]> {
  const present = services.filter((service) => service !== undefined);
  const servers = new Map(present.map((service) => [`${service.baseUrl} ${service.apiKey}`, service]));
  const inUse = new Set(present.map(({ model }) => model));
  const listed = await Promise.all([...servers.values()].map(listOf));
  const endings = listed.flat().filter(({ model }) => inUse.has(model));
  return [...new Map(endings.map((ending) => [ending.model, ending])).values()];
}

async function listOf(service: ServiceSettings): Promise<ModelEnding[]> {
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
