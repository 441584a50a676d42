import { isNamed, statusOf } from './retry.ts';

/** The requests that carry SHA-256 headers of S3, which some stores do not know. */
export type ChecksumUse = 'object' | 'parts' | 'reading';

const NAMES: Readonly<Record<ChecksumUse, string>> = {
  object: 'checksums of files',
  parts: 'checksums of parts',
  reading: 'checksums when a file is looked up',
};

/** Stores that do not know a header answer 400 or 501; gateways that drop one find the signature wrong. */
const REFUSED = new Set([400, 501]);
/** These do not concern the header. */
const OTHER_REASONS = [
  'BadDigest',
  'EntityTooSmall',
  'EntityTooLarge',
  'ExpiredToken',
  'IncompleteBody',
  'InvalidPart',
  'InvalidPartOrder',
  'NoSuchUpload',
  'RequestTimeout',
  'XAmzContentSHA256Mismatch',
];

/**
 * What one store has shown of its support of checksums. A request that is refused is sent once more without them, and if
 * that one is answered all later requests of this kind go without. The copy is then verified by reading it back.
 */
export class ChecksumSupport {
  readonly #refused = new Map<ChecksumUse, string>();

  /** What the store does not support, with its answer. */
  get missing(): string[] {
    return [...this.#refused].map(([use, answer]) => `${NAMES[use]} (${answer})`);
  }

  async attempt<T>(use: ChecksumUse, send: (withChecksum: boolean) => Promise<T>): Promise<T> {
    if (this.#refused.has(use)) return send(false);
    try {
      return await send(true);
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      return await this.#without(use, send, refusal);
    }
  }

  async #without<T>(
    use: ChecksumUse,
    send: (withChecksum: boolean) => Promise<T>,
    refusal: unknown,
  ): Promise<T> {
    try {
      const result = await send(false);
      this.#remember(use, refusal);
      return result;
    } catch (error) {
      // For example: there is no such file.
      if (!isRefusal(error) && (statusOf(error) ?? 500) < 500) this.#remember(use, refusal);
      throw error;
    }
  }

  #remember(use: ChecksumUse, refusal: unknown): void {
    this.#refused.set(use, (refusal as Error).message);
  }
}

function isRefusal(error: unknown): boolean {
  if (isNamed(error, 'SignatureDoesNotMatch', 'NotImplemented')) return true;
  return REFUSED.has(statusOf(error) ?? 0) && !isNamed(error, ...OTHER_REASONS);
}

const supports = new Map<string, ChecksumSupport>();

/** What this process knows of a store. */
export function checksumSupportOf(store: string): ChecksumSupport {
  const known = supports.get(store) ?? new ChecksumSupport();
  supports.set(store, known);
  return known;
}
