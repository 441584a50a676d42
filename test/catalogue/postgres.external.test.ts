import { catalogueOnSqlServer } from '../suites/sql-server.ts';
import { POSTGRES } from '../support/postgres-server.ts';

catalogueOnSqlServer('PostgreSQL', POSTGRES);
