/** Messages to the telephone worklet. */
export type ToTelephone =
  | { readonly kind: 'play'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'mute'; readonly muted: boolean }
  /** The latency from the worklet to the ear. */
  | { readonly kind: 'latency'; readonly seconds: number }
  | { readonly kind: 'stop' };

/** Messages from the worklet, in order. */
export type FromTelephone =
  /** 20 ms of the microphone, and its peak level, 0 to 1. */
  | { readonly kind: 'frame'; readonly mulaw: Uint8Array; readonly peak: number }
  | { readonly kind: 'mark'; readonly name: string };
