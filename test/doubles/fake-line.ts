import type { Line } from '../../src/call/ports.ts';

export type Sent =
  | { readonly kind: 'audio'; readonly mulaw: Uint8Array }
  | { readonly kind: 'mark'; readonly name: string }
  | { readonly kind: 'clear' }
  | { readonly kind: 'hang-up' };

/** A line that remembers what was sent over it, in order. Nobody plays it. */
export class FakeLine implements Line {
  readonly sent: Sent[] = [];

  get audio(): Uint8Array[] {
    return this.sent.flatMap((one) => (one.kind === 'audio' ? [one.mulaw] : []));
  }

  get sentBytes(): number {
    return this.audio.reduce((sum, mulaw) => sum + mulaw.length, 0);
  }

  get marks(): string[] {
    return this.sent.flatMap((one) => (one.kind === 'mark' ? [one.name] : []));
  }

  sendAudio(mulaw: Uint8Array): void {
    this.sent.push({ kind: 'audio', mulaw });
  }

  sendMark(name: string): void {
    this.sent.push({ kind: 'mark', name });
  }

  clear(): void {
    this.sent.push({ kind: 'clear' });
  }

  hangUp(): void {
    this.sent.push({ kind: 'hang-up' });
  }
}
