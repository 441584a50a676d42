import type { ServerProfile } from './server-profiles.ts';

/** What was learned of a server, as phrases for people; empty if it behaves as OpenAI's service does. */
export function describeProfile(profile: ServerProfile): string[] {
  const { roles, refusedFields, contextCharacters, thoughtsFirst, answersAsThoughts, slowStart } = profile;
  const { speechFormat, refusedFormats, speakers, quirks, errorShape } = profile;
  const phrases = [
    roles === 'alternating' && 'accepts only alternating roles',
    roles === 'no-system' && 'accepts no system role',
    refusedFields && `refuses ${refusedFields.join(', ')}`,
    contextCharacters && `accepts about ${contextCharacters} characters of conversation`,
    thoughtsFirst && 'begins its replies with thoughts',
    answersAsThoughts && 'sends its answers in the field of thoughts',
    slowStart && 'loads its model at the first request',
    refusedFormats && `refuses the audio formats ${refusedFormats.join(', ')}`,
    speechFormat && `sends ${speechFormat}`,
    speakers && (speakers === 'none' ? 'labels no speakers' : `labels speakers in ${speakers}`),
    ...(quirks ?? []),
    errorShape && errorShape !== 'error' && `reports errors as ${ERROR_SHAPES[errorShape]}`,
  ];
  return phrases.filter((phrase) => typeof phrase === 'string');
}

const ERROR_SHAPES = {
  detail: '`detail`',
  message: '`message`',
  text: 'plain text',
  html: 'an HTML page',
  empty: 'a status without a text',
} as const;
