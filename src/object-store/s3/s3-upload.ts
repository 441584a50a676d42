import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { ChecksumSupport } from './checksum-support.ts';
import { BLOCK_BYTES, type FileDigests, type PartDigest } from './file-digests.ts';
import { isNamed, withRetries } from './retry.ts';
import { parseStoreUrl } from './s3-client.ts';
import type { UploadState, UploadStates } from './upload-states.ts';

/** Time limit of one request: 8 MiB at half a megabit per second. */
const REQUEST_WITHIN_MS = 150_000;
/** After this many failed completions the upload is aborted and starts again. */
const MAX_COMPLETIONS = 3;
const LOST_UPLOAD = ['NoSuchUpload', 'InvalidPart', 'InvalidPartOrder'];

export interface Upload {
  readonly url: string;
  readonly path: string;
  readonly contentType: string;
  readonly digests: FileDigests;
  readonly signal: AbortSignal;
  /** As in `ObjectStore.put`. */
  readonly ask?: (() => Promise<void>) | undefined;
}

export type UnfinishedUpload = Pick<UploadState, 'url' | 'uploadId'>;

/** Uploads files, large ones in parts. Every request contains the SHA-256 of its body, if the store takes it. */
export class S3Uploader {
  readonly #client: S3Client;
  readonly #states: UploadStates;
  readonly #support: ChecksumSupport;

  constructor(client: S3Client, states: UploadStates, support: ChecksumSupport) {
    this.#client = client;
    this.#states = states;
    this.#support = support;
  }

  async send(upload: Upload): Promise<void> {
    if (upload.digests.parts.length > 1) return this.#inParts(upload);
    await withRetries(upload, () =>
      this.#support.attempt('object', (sum) => this.#whole(upload, upload.digests.parts[0]!, sum)),
    );
  }

  /** Aborts an unfinished upload and removes its parts. */
  async abandon({ url, uploadId }: UnfinishedUpload): Promise<void> {
    const abort = new AbortMultipartUploadCommand({ ...parseStoreUrl(url), UploadId: uploadId });
    await this.#client.send(abort, bounded()).catch((error: unknown) => {
      // Already aborted, or the store does not support the request.
      if (!isNamed(error, 'NoSuchUpload', 'MethodNotAllowed', 'NotImplemented')) throw error;
    });
    await this.#states.remove(url);
  }

  async #whole({ url, path, contentType, signal }: Upload, part: PartDigest, sum: boolean): Promise<void> {
    const command = new PutObjectCommand({
      ...parseStoreUrl(url),
      Body: bodyOf(path, part),
      ContentLength: part.sizeBytes,
      ContentType: contentType,
      ChecksumSHA256: sum ? part.sha256 : undefined,
    });
    signPayload(command, part);
    await this.#client.send(command, bounded(signal));
  }

  async #inParts(upload: Upload): Promise<void> {
    const { url, digests } = upload;
    let state = await this.#begun(upload);
    try {
      for (let index = state.etags.length; index < digests.parts.length; index += 1) {
        const etag = await withRetries(upload, () =>
          this.#support.attempt('parts', (sum) => this.#part(upload, state.uploadId, index, sum)),
        );
        state = { ...state, etags: [...state.etags, etag] };
        await this.#states.write(state);
      }
      await this.#complete(upload, state);
    } catch (error) {
      if (isNamed(error, ...LOST_UPLOAD)) await this.#states.remove(url);
      throw error;
    }
    await this.#states.remove(url);
  }

  async #begun({ url, contentType, digests, signal }: Upload): Promise<UploadState> {
    const before = await this.#states.read(url);
    if (before?.sha256 === digests.sha256) return before;
    if (before) await this.abandon(before);
    const { UploadId: uploadId } = await this.#support.attempt('parts', (sum) => {
      const create = new CreateMultipartUploadCommand({
        ...parseStoreUrl(url),
        ContentType: contentType,
        ChecksumAlgorithm: sum ? 'SHA256' : undefined,
      });
      return this.#client.send(create, bounded(signal));
    });
    if (uploadId === undefined) throw new Error('the store returned no upload id');
    const state = { url, uploadId, sha256: digests.sha256, etags: [], failedCompletions: 0 };
    await this.#states.write(state);
    return state;
  }

  async #part(
    { url, path, digests, signal }: Upload,
    uploadId: string,
    index: number,
    sum: boolean,
  ): Promise<string> {
    const part = digests.parts[index]!;
    const command = new UploadPartCommand({
      ...parseStoreUrl(url),
      UploadId: uploadId,
      PartNumber: index + 1,
      Body: bodyOf(path, part),
      ContentLength: part.sizeBytes,
      ChecksumSHA256: sum ? part.sha256 : undefined,
    });
    signPayload(command, part);
    const { ETag: etag } = await this.#client.send(command, bounded(signal));
    if (etag === undefined) throw new Error('the store returned no ETag for a part');
    return etag;
  }

  async #complete({ url, digests, signal, ask }: Upload, state: UploadState): Promise<void> {
    const partsOf = (sum: boolean): CompletedPart[] =>
      digests.parts.map(({ sha256 }, index) => ({
        PartNumber: index + 1,
        ETag: state.etags[index],
        ChecksumSHA256: sum ? sha256 : undefined,
      }));
    await ask?.();
    try {
      await this.#support.attempt('parts', (sum) => {
        const command = new CompleteMultipartUploadCommand({
          ...parseStoreUrl(url),
          UploadId: state.uploadId,
          MultipartUpload: { Parts: partsOf(sum) },
        });
        return this.#client.send(command, bounded(signal));
      });
    } catch (error) {
      const failedCompletions = state.failedCompletions + 1;
      if (failedCompletions < MAX_COMPLETIONS) await this.#states.write({ ...state, failedCompletions });
      else await this.abandon(state);
      throw error;
    }
  }
}

function bodyOf(path: string, { offset, sizeBytes }: PartDigest): Readable | Uint8Array {
  if (sizeBytes === 0) return new Uint8Array(0);
  return createReadStream(path, { start: offset, end: offset + sizeBytes - 1, highWaterMark: BLOCK_BYTES });
}

export function bounded(signal?: AbortSignal): { abortSignal: AbortSignal } {
  const late = AbortSignal.timeout(REQUEST_WITHIN_MS);
  return { abortSignal: signal ? AbortSignal.any([signal, late]) : late };
}

interface BuildStack {
  add(
    middleware: (
      next: (args: { input: object; request: unknown }) => Promise<unknown>,
    ) => (args: { input: object; request: unknown }) => Promise<unknown>,
    options: { step: 'build'; name: string },
  ): void;
}

/** Includes the body's checksum in the signature, so that the store refuses a damaged body. */
function signPayload(command: { readonly middlewareStack: unknown }, { sha256 }: PartDigest): void {
  const stack = command.middlewareStack as BuildStack;
  const header = Buffer.from(sha256, 'base64').toString('hex');
  stack.add(
    (next) => (args) => {
      (args.request as { headers: Record<string, string> }).headers['x-amz-content-sha256'] = header;
      return next(args);
    },
    { step: 'build', name: 'signPayload' },
  );
}
