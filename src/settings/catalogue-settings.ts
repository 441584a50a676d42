import { databaseAddress, wholeNumber } from './value-types.ts';

const TEN_YEARS_DAYS = 3_650;

/** Where every call is remembered, and for how long. */
export const CATALOGUE_SETTINGS = {
  'The catalogue': {
    DATABASE_URL: {
      kind: databaseAddress,
      standard: null,
      help: 'The database of all calls: `sqlite:PATH`, `postgres://user:password@host/name`, `mysql://…` (MariaDB too) or `dynamodb://region/prefix`; without it SQLite in the state folder, nothing to install.',
    },
    RETENTION_DAYS: {
      kind: wholeNumber(0, TEN_YEARS_DAYS),
      standard: '0',
      help: 'Calls that began longer ago are removed with everything of them, unless they are on hold; 0 keeps them for ever.',
    },
  },
} as const;
