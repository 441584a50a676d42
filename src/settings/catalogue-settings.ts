import { databaseAddress } from './kinds.ts';

/** Where every call is remembered. */
export const CATALOGUE_SETTINGS = {
  'The catalogue': {
    DATABASE_URL: {
      kind: databaseAddress,
      standard: null,
      help: 'The database of all calls: `sqlite:PATH`, `postgres://user:password@host/name`, `mysql://…` (MariaDB too) or `dynamodb://region/prefix`; without it SQLite in the state folder, nothing to install.',
    },
  },
} as const;
