import OpenAI from 'openai';
import type { ServiceSettings } from '../settings/settings.ts';
import type { ServiceTimeouts } from './timeouts.ts';

/** The package requires a key; servers without authentication ignore it. */
const NO_KEY = 'none';

/**
 * A client for one service, with its own address and key. Everything that the package would read from the environment is
 * given explicitly, so that only the settings count.
 */
export function openAiClient(service: ServiceSettings, timeouts: ServiceTimeouts): OpenAI {
  return new OpenAI({
    apiKey: service.apiKey ?? NO_KEY,
    baseURL: service.baseUrl,
    organization: null,
    project: null,
    timeout: timeouts.answerMs,
    maxRetries: timeouts.retries,
    logLevel: 'off',
  });
}
