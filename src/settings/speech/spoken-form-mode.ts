import type { SettingValues } from '../table.ts';
import { realtimeService, speechEngine } from './speech-engine.ts';

/** Their voices read ordinary numbers, dates and amounts as people do, in the language of the text. */
const READS_NUMBERS = /^api\.openai\.com$|\.openai\.azure\.com$|\.cognitiveservices\.azure\.com$/;

/** What is put into words before it is spoken. `today`: YYYY-MM-DD. */
export function spokenFormMode(values: SettingValues, today: string): 'off' | 'codes' | 'all' {
  if (values.SPOKEN_FORM !== 'auto') return values.SPOKEN_FORM;
  return READS_NUMBERS.test(new URL(voiceAddress(values, today)).hostname) ? 'codes' : 'all';
}

function voiceAddress(values: SettingValues, today: string): string {
  const { SPEECH_BASE_URL: own, OPENAI_BASE_URL: shared } = values;
  if (speechEngine(values, today).engine === 'http') return (own ?? shared).baseUrl;
  return (realtimeService(values) ?? shared).baseUrl;
}
