import { readFileSync } from 'node:fs';
import type { AddressOptions } from './server-address.ts';
import { TLS_VERSIONS, type TlsVersion } from './tls-ways.ts';

/** Reads the file that an option of the address names. */
export function readCertificate(
  options: AddressOptions,
  name: string,
  file: string | undefined,
): string | undefined {
  if (file === undefined) return undefined;
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw options.error(`${name}=${file} cannot be read (${(error as NodeJS.ErrnoException).code}).`);
  }
}

/** The lowest and the highest version of a list such as `TLSv1.2,TLSv1.3`. */
export function versionsOf(options: AddressOptions, ...names: readonly string[]) {
  const listed = options.take(...names)?.split(',');
  const at = listed?.map((name) => indexOf(options, names[0]!, name.trim())) ?? [];
  if (at.length === 0) return {};
  return { minVersion: TLS_VERSIONS[Math.min(...at)], maxVersion: TLS_VERSIONS[Math.max(...at)] };
}

/** One version, of an option such as `ssl_min_protocol_version`. */
export function versionOf(options: AddressOptions, name: string): TlsVersion | undefined {
  const written = options.take(name);
  return written === undefined || written === '' ? undefined : TLS_VERSIONS[indexOf(options, name, written)];
}

function indexOf(options: AddressOptions, option: string, version: string): number {
  const at = TLS_VERSIONS.findIndex((known) => known.toLowerCase() === version.toLowerCase());
  if (at >= 0) return at;
  throw options.error(`${option}=${version} is not known; it may be ${TLS_VERSIONS.join(', ')}.`);
}

/** The certificate of a client is of no use without its key. In Prisma's addresses `sslcert` is the authority's certificate. */
export function checkKeyPair(
  options: AddressOptions,
  { cert, key }: { cert?: string | undefined; key?: string | undefined },
  names: { readonly cert: string; readonly key: string; readonly ca: string },
): void {
  if ((cert === undefined) === (key === undefined)) return;
  throw options.error(
    `${names.cert} and ${names.key} are the certificate and the key of the client, and both are needed; the certificate of the server's authority is ${names.ca}=FILE.`,
  );
}
