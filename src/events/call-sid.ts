/** A valid CallSid. It is checked before it is used in a file name or a query. Source: Twilio, "What is a SID". */
export const CALL_SID = /^CA[0-9a-f]{32}$/iu;
