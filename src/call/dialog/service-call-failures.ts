import { ServiceError } from '../ports.ts';

/** The model wrote only what is never spoken: a block of code, an address, a picture. */
export class UnspeakableReply extends ServiceError {
  constructor() {
    const said = 'the reply has nothing that can be spoken';
    super('chat', said, { transient: true, details: { said, code: 'no_words' } });
  }
}

/** The response of a speech-to-speech model without audio. */
export class InaudibleReply extends ServiceError {
  constructor() {
    const said = 'the reply has no audio';
    super('speech-to-speech', said, { transient: true, details: { said, code: 'no_audio' } });
  }
}

/** The caller waited for the answer in vain. */
export function lateError(service: ServiceError['service'], waitedMs: number): ServiceError {
  const said = `no answer within ${Math.round(waitedMs / 1_000)} s`;
  return new ServiceError(service, said, { transient: true, details: { said, code: 'timeout' } });
}

/** Why a request is aborted. Shared: an error with its stack for every cancelled request is expensive. */
export const CANCELLED = new Error('the call no longer needs the response');
