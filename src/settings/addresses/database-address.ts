import { z } from 'zod';
import { isShellPath, type ValueType } from '../value-types.ts';

/** The database's driver checks the rest of the address. */
const DATABASE_ADDRESS =
  /^(?:sqlite:.+|(?:jdbc:)?(?:postgres|postgresql|mysql|mariadb)(?:\+\w+)?:\/\/[^/]+.*|dynamodb:\/\/[^/]+.*)$/;
/** How JDBC (`jdbc:mysql:`) and SQLAlchemy (`mysql+pymysql:`) name their driver. */
const DRIVER = /^(?:jdbc:)?([a-z]+)(?:\+\w+)?(?=:\/\/)/;

export const databaseAddress: ValueType<string> = {
  accepts:
    'sqlite:PATH (without ~ and variables), postgres://user:password@host/name, mysql://user:password@host/name (or mariadb://), or dynamodb://region/prefix; in a password, / and ? are written %2F and %3F',
  schema: z
    .string()
    .refine((address) => !isShellPath(/^sqlite:(?:\/\/)?(.*)$/s.exec(address)?.[1] ?? ''))
    .transform(withHostOfQuery)
    .pipe(z.string().regex(DATABASE_ADDRESS))
    .transform((address) => withEncodedPassword(address.replace(DRIVER, '$1')))
    .refine((address) => URL.canParse(address)),
};

/**
 * `postgres:///name?host=/var/run/postgresql`, as libpq writes the directory of a Unix socket: URLs need a host before the path.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
function withHostOfQuery(address: string): string {
  return address.replace(/^([a-z+:]+:\/\/(?:[^/?#]*@)?)(?=\/[^?]*\?(?:.*&)?host=)/, '$1localhost');
}

/** User and password of an address up to its host, which begins after the last `@` before a path or query. */
const CREDENTIALS = /^([a-z]+:\/\/)([^/?]*)@(?=[^/?@]*(?:[/?]|$))/;

/** Encodes the characters of a password that would end it in an address, as psql and mysql read them: `#`, `@`, `%`, brackets. */
function withEncodedPassword(address: string): string {
  return address.replace(CREDENTIALS, (_, scheme: string, credentials: string) => {
    const encoded = credentials.replace(/%(?![0-9a-f]{2})|[#@[\]\s<>^`{|}"\\]/gi, encodeURIComponent);
    return `${scheme}${encoded}@`;
  });
}
