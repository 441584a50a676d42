import { createConnection } from 'mysql2/promise';
import { requiredProgram } from '../../scripts/tier-tools.ts';
import type { ServerKind } from './database-server.ts';

/** MariaDB as a test runs it: quick, because nothing in it outlives the test. */
export const MARIADB: ServerKind = {
  user: 'mysql',
  prepare: (folder) => [
    requiredProgram('mariadb-install-db'),
    ...['--no-defaults', `--datadir=${folder}/data`, '--auth-root-authentication-method=normal'],
    ...['--skip-test-db', '--skip-name-resolve'],
  ],
  command: (folder, port) => [
    requiredProgram('mariadbd'),
    ...['--no-defaults', `--datadir=${folder}/data`, `--port=${port}`, `--socket=${folder}/socket`],
    ...['--bind-address=127.0.0.1', `--pid-file=${folder}/pid`, `--tmpdir=${folder}`, '--skip-name-resolve'],
    ...['--innodb-flush-log-at-trx-commit=2', '--innodb-buffer-pool-size=256M', '--skip-log-bin'],
  ],
  url: (port, name = 'mysql') => `mariadb://root@127.0.0.1:${port}/${name}`,
  run: async (url, statements) => {
    const uri = url.replace(/^mariadb:/, 'mysql:');
    const connection = await createConnection({ uri, connectTimeout: 5_000 });
    try {
      for (const statement of statements) await connection.query(statement);
    } finally {
      await connection.end();
    }
  },
};
