/** Who speaks in a call. */
export type Speaker = 'caller' | 'assistant' | 'operator';
