/** `taken`: another machine has stored the call. `later`: that is not known now. */
export type UploadDecision = 'upload' | 'taken' | 'later';

/** Knows whether a finished call is this machine's to upload, where several machines share an object store. */
export interface UploadPermit {
  /** `wasStored`: this machine has stored the call before, and its files have changed since then. Never rejects. */
  mayUpload(callSid: string, wasStored: boolean): Promise<UploadDecision>;
}

/** An upload ends before its next request, because the call is not this machine's, or that is not known. */
export class UploadRefused extends Error {
  readonly decision: Exclude<UploadDecision, 'upload'>;

  constructor(decision: Exclude<UploadDecision, 'upload'>) {
    super(`the upload is refused: ${decision}`);
    this.decision = decision;
  }
}
