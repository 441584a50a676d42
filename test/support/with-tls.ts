import { requiredProgram } from '../../scripts/tier-tools.ts';
import type { ServerKind } from './database-server.ts';

/** The server with a self-signed certificate for `localhost`, `cert.pem` and `key.pem` in its folder. */
export function withTls(
  kind: ServerKind,
  parameters: (cert: string, key: string) => readonly string[],
): ServerKind {
  return {
    ...kind,
    prepare: (folder) => [
      'sh',
      ...['-c', `${certificateCommand()} && exec "$@"`, 'sh'],
      ...kind.prepare(folder),
    ],
    command: (folder, port) => [
      ...kind.command(folder, port),
      ...parameters(`${folder}/cert.pem`, `${folder}/key.pem`),
    ],
  };
}

function certificateCommand(): string {
  const openssl = requiredProgram('openssl');
  const names = '-subj /CN=localhost -addext subjectAltName=DNS:localhost';
  return `${openssl} req -x509 -newkey rsa:2048 -nodes -days 2 ${names} -keyout key.pem -out cert.pem`;
}
