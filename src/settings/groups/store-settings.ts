import { storeAddress } from '../addresses/store-address.ts';
import { line, secret, webAddress, wholeNumber, yesOrNo } from '../value-types.ts';

/** The object store for finished files. */
export const STORE_SETTINGS = {
  'The object store': {
    RECORDINGS_STORE: {
      type: storeAddress,
      default: null,
      help: 'A bucket for finished files, `s3://bucket` or `s3://bucket/prefix`, in any S3-compatible store; default: files stay in RECORDINGS_DIRECTORY. If set, a recording is removed from that directory after its upload is verified; transcript, summary and `.json` are kept there too.',
    },
    S3_ENDPOINT: {
      type: webAddress,
      default: null,
      help: 'The address of the store; default: Amazon S3. Browsers fetch recordings from it.',
    },
    S3_REGION: {
      type: line,
      default: null,
      help: 'The region of the bucket; default: AWS_REGION or the AWS profile, or us-east-1 if S3_ENDPOINT is set.',
    },
    S3_ACCESS_KEY_ID: {
      type: secret,
      default: null,
      help: 'The id of the access key; default: the AWS credential chain (environment, profile, instance role).',
    },
    S3_SECRET_ACCESS_KEY: { type: secret, default: null, help: 'The secret of the access key.' },
    S3_FORCE_PATH_STYLE: {
      type: yesOrNo,
      default: null,
      help: 'Whether addresses contain the bucket in the path (true) or in the host name (false); default: true if S3_ENDPOINT is set.',
    },
    PRESIGNED_SECONDS: {
      type: wholeNumber(60, 604_800),
      default: '300',
      help: 'How long a link to a file in the store is valid. Players on the pages ask for a new link when it has expired.',
    },
  },
} as const;
