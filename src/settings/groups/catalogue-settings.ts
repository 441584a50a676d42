import { databaseAddress } from '../addresses/database-address.ts';
import { wholeNumber } from '../value-types.ts';

const TEN_YEARS_DAYS = 3_650;

/** The index of all calls, and their retention. */
export const CATALOGUE_SETTINGS = {
  'The catalogue': {
    DATABASE_URL: {
      type: databaseAddress,
      default: null,
      help: 'The database that indexes all calls: `sqlite:PATH`, `postgres://user:password@host/name`, `mysql://…` (MariaDB too) or `dynamodb://region/prefix`; default: SQLite in the state directory, which needs no installation.',
    },
    RETENTION_DAYS: {
      type: wholeNumber(0, TEN_YEARS_DAYS),
      default: '0',
      help: 'Calls older than this are erased with all their data, unless they are on hold; 0 keeps them without a limit.',
    },
    MICROPHONE_RETENTION_DAYS: {
      type: wholeNumber(0, TEN_YEARS_DAYS),
      default: '0',
      help: 'Microphone recordings older than this are deleted with their transcripts; 0 keeps them without a limit.',
    },
  },
} as const;
