/** What the telephone's worklet is told. */
export type ToTelephone =
  | { readonly kind: 'play'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'mute'; readonly muted: boolean }
  /** From the worklet to the ear. */
  | { readonly kind: 'latency'; readonly seconds: number }
  | { readonly kind: 'stop' };

/** What it tells, in the order in which it happened. */
export type FromTelephone =
  /** 20 ms of the microphone, and the loudest sample in it, 0 to 1. */
  | { readonly kind: 'frame'; readonly mulaw: Uint8Array; readonly peak: number }
  | { readonly kind: 'mark'; readonly name: string };
