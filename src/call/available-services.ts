import type { ServiceResponse } from '../events/call-events.ts';
import type { Services } from './ports.ts';

/** The configured services, by name. */
export function availableServices(services: Services): ServiceResponse['service'][] {
  return [
    ...(services.transcriber ? (['transcription'] as const) : []),
    ...(services.streamingTranscriber ? (['streaming-transcription'] as const) : []),
    ...(services.endOfTurnModel ? (['end-of-turn'] as const) : []),
    ...(services.replier ? (['chat'] as const) : []),
    ...(services.voice ? (['speech'] as const) : []),
    ...(services.speechToSpeech ? (['speech-to-speech'] as const) : []),
    ...(services.summarizer ? (['summary'] as const) : []),
  ];
}
