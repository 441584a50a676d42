/** The texts for each `endReason`: who or what ended a call. */
const WORDS: Readonly<Record<string, string>> = {
  stop: 'The caller hung up',
  completed: 'The caller hung up',
  closed: 'The line was closed',
  dead: 'The line went dead',
  replaced: 'Another stream replaced it',
  'line lost': 'The line was lost and did not come back',
  'the desk hung up': 'An operator hung up',
  silence: 'offhook hung up: the caller was silent',
  'message taken': 'offhook hung up: the message was complete',
  'time limit': 'offhook hung up: the time limit was reached',
  'the server is shutting down': 'offhook was stopped',
  interrupted: 'offhook was interrupted, and the caller did not come back',
  'internal error': 'Internal error; see the log',
};

export function endWords(reason: string): string {
  return WORDS[reason] ?? reason;
}
