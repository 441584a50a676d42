import { z } from 'zod';
import type { ValueType } from '../value-types.ts';

/** A location in an object store: a bucket and the prefix of all keys. */
export interface StoreAddress {
  /** `s3://bucket/prefix`, without a slash at the end. */
  readonly url: string;
  readonly bucket: string;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html and object-keys.html */
const STORE_ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])((?:\/[A-Za-z0-9!_.*'()=-]+)*)\/?$/;
/** A prefix and a file's name form one key of at most 1,024 bytes. */
const MAX_PREFIX_LENGTH = 900;

export const storeAddress: ValueType<StoreAddress> = {
  accepts:
    'an address like s3://bucket or s3://bucket/prefix, or nothing for the local folder; a bucket has 3 to 63 lower-case letters, digits, dots and hyphens, with a letter or digit at both ends',
  schema: z
    .string()
    .regex(STORE_ADDRESS, { abort: true })
    .transform((address) => {
      const [, bucket = '', prefix = ''] = STORE_ADDRESS.exec(address) ?? [];
      return { url: `s3://${bucket}${prefix}`, bucket, prefix };
    })
    .refine(({ bucket, prefix }) => prefix.length <= MAX_PREFIX_LENGTH && !bucket.includes('..'))
    .refine(({ prefix }) => !prefix.split('/').some((step) => step === '.' || step === '..'))
    .transform(({ url, bucket }) => ({ url, bucket })),
};
