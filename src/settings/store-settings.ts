import { secret, storeAddress, text, webAddress, wholeNumber, yesOrNo } from './value-types.ts';

/** Where finished files lie when it is not the local folder. */
export const STORE_SETTINGS = {
  'The store of finished files': {
    RECORDINGS_STORE: {
      kind: storeAddress,
      standard: null,
      help: 'A bucket for finished files, `s3://bucket` or `s3://bucket/prefix`, of any S3-compatible store; without it they stay in RECORDINGS_DIRECTORY. With it a recording leaves that folder once the store is proved to hold it; transcript, summary and `.json` stay as well.',
    },
    S3_ENDPOINT: {
      kind: webAddress,
      standard: null,
      help: "The store's address where it is not Amazon's own; browsers fetch recordings from it.",
    },
    S3_REGION: {
      kind: text,
      standard: null,
      help: "The bucket's region; without it what AWS_REGION or the AWS profile says, and us-east-1 where S3_ENDPOINT is set.",
    },
    S3_ACCESS_KEY_ID: {
      kind: secret,
      standard: null,
      help: "The key's id; without it AWS's own chain is asked: environment, profile, role of the machine.",
    },
    S3_SECRET_ACCESS_KEY: { kind: secret, standard: null, help: "The key that goes with the key's id." },
    S3_FORCE_PATH_STYLE: {
      kind: yesOrNo,
      standard: null,
      help: 'The bucket stands in the path of addresses (true) or in the host name (false); without it true where S3_ENDPOINT is set.',
    },
    PRESIGNED_SECONDS: {
      kind: wholeNumber(60, 604_800),
      standard: '3600',
      help: 'How long a link to a file in the store may be used; a player needs it for as long as it plays.',
    },
  },
} as const;
