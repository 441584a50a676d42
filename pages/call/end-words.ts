/** Who or what ended a call, as its `endReason` has it, in words. */
const WORDS: Readonly<Record<string, string>> = {
  stop: 'The caller hung up',
  completed: 'The caller hung up',
  closed: 'The line was closed',
  dead: 'Nothing came over the line any more',
  replaced: 'Another line took its place',
  'line lost': 'The line was lost and did not come back',
  'the desk hung up': 'Somebody at the desk hung up',
  silence: 'offhook hung up: nobody said anything any more',
  'message taken': 'offhook hung up: the message was taken',
  'time limit': 'offhook hung up: the longest time a call may take was over',
  'the server is shutting down': 'offhook was stopped',
  interrupted: 'offhook was interrupted, and the caller did not come back',
  'internal error': 'offhook made a mistake; the log says which',
};

export function endWords(reason: string): string {
  return WORDS[reason] ?? reason;
}
