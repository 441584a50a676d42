import { catalogueOnSqlServer } from '../suites/sql-server.ts';
import { MARIADB } from '../support/mariadb-server.ts';

catalogueOnSqlServer('MariaDB', MARIADB);
