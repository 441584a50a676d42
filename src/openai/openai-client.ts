import OpenAI from 'openai';
import type { ServiceSettings } from '../settings/settings.ts';
import type { ServiceTimeouts } from './timeouts.ts';

/** The package refuses to be made without a key; servers that want none do not look at it. */
const NO_KEY = 'none';

/**
 * A client for one service: its own address and key. Everything that the package would take from the environment is
 * given here, so that a call does what the settings say and nothing else.
 */
export function openAiClient(service: ServiceSettings, patience: ServiceTimeouts): OpenAI {
  return new OpenAI({
    apiKey: service.apiKey ?? NO_KEY,
    baseURL: service.baseUrl,
    organization: null,
    project: null,
    timeout: patience.answerMs,
    maxRetries: patience.retries,
    logLevel: 'off',
  });
}
