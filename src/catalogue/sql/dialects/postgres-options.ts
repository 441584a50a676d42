/**
 * Options that addresses of PostgreSQL may have and that change nothing here: waits, pools and statements have our own limits, and
 * nothing is prepared by name.
 */
export const POSTGRES_IGNORED: readonly string[] = [
  // libpq: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS
  'connect_timeout keepalives keepalives_idle keepalives_interval keepalives_count tcp_user_timeout krbsrvname gsslib load_balance_hosts',
  'gssdelegation',
  // Prisma: https://www.prisma.io/docs/orm/overview/databases/postgresql#arguments
  'connection_limit pool_timeout socket_timeout pgbouncer statement_cache_size max_connection_lifetime max_idle_connection_lifetime',
  'single_use_connections',
  // Supabase’s integration of Vercel names the way to its pool.
  'supa workaround',
  // node-postgres and pg-connection-string
  'statement_timeout query_timeout lock_timeout idle_in_transaction_session_timeout connectionTimeoutMillis idleTimeoutMillis',
  'max min keepAlive',
  // JDBC: https://jdbc.postgresql.org/documentation/use/#connection-parameters
  'prepareThreshold preparedStatementCacheQueries preparedStatementCacheSizeMiB loginTimeout socketTimeout cancelSignalTimeout tcpKeepAlive',
  'connectTimeout reWriteBatchedInserts defaultRowFetchSize preferQueryMode stringtype binaryTransfer assumeMinServerVersion autosave',
  'loadBalanceHosts hostRecheckSeconds logServerErrorDetail',
  // pgx: https://pkg.go.dev/github.com/jackc/pgx/v5/pgxpool#ParseConfig
  'pool_max_conns pool_min_conns pool_max_conn_lifetime pool_max_conn_lifetime_jitter pool_max_conn_idle_time pool_health_check_period',
  'default_query_exec_mode statement_cache_capacity description_cache_capacity',
  // asyncpg below SQLAlchemy
  'prepared_statement_cache_size prepared_statement_name_func async_fallback command_timeout timezone',
].flatMap((names) => names.split(' '));

/** Options whose meaning cannot be kept; what to write instead. */
export const POSTGRES_REFUSED: Readonly<Record<string, string>> = {
  passfile: 'write the password into the address',
  service: 'write the host, the user and the database into the address',
  hostaddr: 'write the IP address as the host',
  require_auth: 'to be sure of the server, write sslmode=verify-full',
  requirepeer: 'to be sure of the server, write sslmode=verify-full',
  sslcrldir: 'write sslcrl=FILE',
  sslkeylogfile: 'leave it out',
  sslidentity: 'write sslcert=FILE and sslkey=FILE, which openssl pkcs12 extracts from it',
  sslfactory: 'write sslmode=verify-full, or sslmode=no-verify for a certificate that is not checked',
  sslhostnameverifier: 'write sslmode=verify-ca for a certificate of another name',
};
