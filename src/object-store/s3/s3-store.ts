import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  type HeadObjectCommandOutput,
  ListMultipartUploadsCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { StoreSettings } from '../../settings/settings.ts';
import type { WrittenFile } from '../../storage/durable-file.ts';
import type { FileContent, FileLink, LinkAs, ObjectStore } from '../object-store.ts';
import { type ChecksumSupport, checksumSupportOf } from './checksum-support.ts';
import { compositeOf, digestParts } from './file-digests.ts';
import { withIdleLimit } from './idle-limit.ts';
import { isNamed, statusOf } from './retry.ts';
import { parseStoreUrl, s3Client } from './s3-client.ts';
import { bounded, S3Uploader, type UnfinishedUpload } from './s3-upload.ts';
import { UploadStates } from './upload-states.ts';

/** A multipart upload without progress for this long is aborted, because its parts cost money. */
const STALE_UPLOAD_MS = 7 * 86_400_000;

/** Finished files in an S3-compatible object store. */
export class S3Store implements ObjectStore {
  readonly url: string;
  readonly #settings: StoreSettings;
  readonly #client: S3Client;
  readonly #states: UploadStates;
  readonly #uploader: S3Uploader;
  readonly #support: ChecksumSupport;

  /** `uploads`: a directory for the states of unfinished uploads. */
  constructor(settings: StoreSettings, uploads: string) {
    this.url = settings.url;
    this.#settings = settings;
    this.#client = s3Client(settings);
    this.#states = new UploadStates(uploads);
    this.#support = checksumSupportOf(`${settings.endpoint ?? ''} ${settings.bucket}`);
    this.#uploader = new S3Uploader(this.#client, this.#states, this.#support);
  }

  get missing(): readonly string[] {
    return this.#support.missing;
  }

  async put(
    url: string,
    file: WrittenFile,
    contentType: string,
    signal: AbortSignal,
    ask?: () => Promise<void>,
  ): Promise<void> {
    const digests = await digestParts(file.path);
    if (digests.sha256 !== file.sha256) throw new Error('the file on disk has changed');
    const sums = [Buffer.from(file.sha256, 'hex').toString('base64'), compositeOf(digests.parts)];
    const head = await this.#head(url, signal).catch((error: unknown) => {
      // The response for a missing file if the key has no permission to list.
      if (statusOf(error) === 403) return undefined;
      throw error;
    });
    if (!(await this.#isSame(url, head, file, sums, signal))) {
      await this.#uploader.send({ url, path: file.path, contentType, digests, signal, ask });
      const sent = await this.#head(url, signal);
      if (!(await this.#isSame(url, sent, file, sums, signal)))
        throw new Error("the store's copy is not what was sent");
    }
    const left = await this.#states.read(url);
    if (left) await this.#uploader.abandon(left);
  }

  async holds(url: string, content: FileContent, signal: AbortSignal): Promise<boolean> {
    const sum = Buffer.from(content.sha256, 'hex').toString('base64');
    return this.#isSame(url, await this.#head(url, signal), content, [sum], signal);
  }

  async *read(url: string): AsyncIterable<Uint8Array> {
    const { Body: body } = await this.#client.send(new GetObjectCommand(parseStoreUrl(url)), bounded());
    yield* withIdleLimit(body as Readable);
  }

  async remove(url: string): Promise<boolean> {
    const unfinished = await this.#states.read(url);
    if (unfinished) await this.#uploader.abandon(unfinished);
    const was = (await this.#head(url)) !== undefined;
    await this.#client.send(new DeleteObjectCommand(parseStoreUrl(url)), bounded());
    if (was && (await this.#head(url)))
      throw new Error('the store confirmed a deletion and still has the file');
    return was;
  }

  async link(url: string, as: LinkAs): Promise<FileLink> {
    const { presignedSeconds } = this.#settings;
    const command = new GetObjectCommand({
      ...parseStoreUrl(url),
      ResponseContentType: as.contentType,
      ResponseContentDisposition: dispositionOf(as),
    });
    const expiresAtMs = Date.now() + presignedSeconds * 1_000;
    return { href: await getSignedUrl(this.#client, command, { expiresIn: presignedSeconds }), expiresAtMs };
  }

  async tidy(): Promise<void> {
    const staleBeforeMs = Date.now() - STALE_UPLOAD_MS;
    for (const state of await this.#states.writtenBefore(staleBeforeMs)) await this.#uploader.abandon(state);
    for (const state of await this.#orphans(staleBeforeMs)) await this.#uploader.abandon(state);
  }

  close(): void {
    this.#client.destroy();
  }

  /** Incomplete uploads under our prefix, of any machine. */
  async #orphans(beforeMs: number): Promise<UnfinishedUpload[]> {
    const { bucket, url } = this.#settings;
    const prefix = `${url}/call_`.slice(`s3://${bucket}/`.length);
    const list = new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix });
    try {
      const { Uploads: found = [] } = await this.#client.send(list, bounded());
      const stale = found.filter(({ Initiated: begun }) => (begun?.getTime() ?? Infinity) < beforeMs);
      return stale.map(({ Key, UploadId }) => ({ url: `s3://${bucket}/${Key}`, uploadId: UploadId ?? '' }));
    } catch (error) {
      // The key has no permission to list uploads, or the store does not support it.
      if ([403, 405, 501].includes(statusOf(error) ?? 0)) return [];
      throw error;
    }
  }

  /** Compares the store's own SHA-256 if there is one; otherwise reads the file back. An ETag is not reliable. */
  async #isSame(
    url: string,
    head: HeadObjectCommandOutput | undefined,
    content: FileContent,
    sums: readonly string[],
    signal: AbortSignal,
  ): Promise<boolean> {
    if (head?.ContentLength !== content.sizeBytes) return false;
    if (head.ChecksumSHA256 !== undefined && sums.includes(head.ChecksumSHA256)) return true;
    const hash = createHash('sha256');
    const { Body: body } = await this.#client.send(new GetObjectCommand(parseStoreUrl(url)), bounded(signal));
    for await (const block of withIdleLimit(body as Readable)) hash.update(block);
    return hash.digest('hex') === content.sha256;
  }

  /** Undefined if there is no such file. */
  async #head(url: string, signal?: AbortSignal): Promise<HeadObjectCommandOutput | undefined> {
    try {
      return await this.#support.attempt('reading', (sum) => {
        const ChecksumMode = sum ? 'ENABLED' : undefined;
        return this.#client.send(
          new HeadObjectCommand({ ...parseStoreUrl(url), ChecksumMode }),
          bounded(signal),
        );
      });
    } catch (error) {
      if (statusOf(error) === 404 || isNamed(error, 'NotFound', 'NoSuchKey')) return undefined;
      throw error;
    }
  }
}

/** RFC 6266; a name with non-ASCII characters is included twice. */
function dispositionOf({ disposition, fileName }: LinkAs): string {
  const plain = fileName.replace(/[^\x20-\x7e]|["\\%]/g, '_');
  const exact = encodeURIComponent(fileName).replace(
    /['()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16)}`,
  );
  return `${disposition}; filename="${plain}"${plain === fileName ? '' : `; filename*=UTF-8''${exact}`}`;
}
