/** What a call's name has to look like before it comes near a file name or a query. Source: Twilio, "What is a SID". */
export const CALL_SID = /^CA[0-9a-f]{32}$/iu;
