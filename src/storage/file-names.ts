/** The name of a finished call's `.json`. */
export const CALL_RECORD_NAME = /^call_(CA[0-9a-f]{32})\.json$/iu;

export function callRecordName(callSid: string): string {
  return `call_${callSid}.json`;
}

/** The name of the tombstone of a call that is being erased. */
export function tombstoneName(callSid: string): string {
  return `${callSid}.json`;
}
