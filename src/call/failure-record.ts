import type { FailureRecord, ServiceResponse } from '../events/call-events.ts';
import { ServiceError } from './ports.ts';

/** What offhook does when a request of a service fails. */
const REACTIONS: Readonly<Record<ServiceResponse['service'], string>> = {
  transcription: 'asked the caller to repeat; the text is requested again after the call',
  'streaming-transcription': 'requested the text of the whole utterance over HTTP',
  'end-of-turn': 'decided by the words alone when the turn was over',
  chat: 'spoke the complete sentences, or apologised if there were none',
  'speech-to-speech':
    'let the chat model and the voice reply for the rest of the call, or apologised without them',
  speech: 'left the sentence out, or apologised if nothing of the reply was heard',
  summary: 'requests the summary again later',
};

/** Describes the failure of a request for journal, log and metrics. */
export function failureRecord(service: ServiceResponse['service'], error: Error): FailureRecord {
  const did = REACTIONS[service];
  if (!(error instanceof ServiceError)) {
    const stack = error.stack?.split('\n').filter((line) => /^\s+at /u.test(line));
    return { kind: 'program', said: `${error.name}: ${error.message}`, did, stack: stack?.join('\n') };
  }
  const { server, status, code, said = error.refusal ?? error.message } = error.details;
  return { kind: 'service', server, status, code, said, did };
}
