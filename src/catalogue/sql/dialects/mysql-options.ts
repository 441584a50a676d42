/**
 * Options that addresses of MySQL and MariaDB may have and that change nothing here: waits, pools and statements have our own limits,
 * texts are UTF-8, times are numbers, and keys are always requested over the connection.
 */
export const MYSQL_IGNORED: readonly string[] = [
  // MySQL Connector/J: https://dev.mysql.com/doc/connector-j/en/connector-j-reference-configuration-properties.html
  'serverTimezone connectionTimeZone forceConnectionTimeZoneToSession preserveInstants cacheDefaultTimeZone useLegacyDatetimeCode',
  'useJDBCCompliantTimezoneShift useTimezone useUnicode characterSetResults connectionCollation zeroDateTimeBehavior',
  'autoReconnect autoReconnectForPools maxReconnects initialTimeout failOverReadOnly rewriteBatchedStatements cachePrepStmts',
  'prepStmtCacheSize prepStmtCacheSqlLimit useServerPrepStmts allowMultiQueries nullCatalogMeansCurrent nullDatabaseMeansCurrent',
  'tinyInt1isBit transformedBitIsBoolean yearIsDateType useCursorFetch defaultFetchSize useAffectedRows useInformationSchema useSSPS',
  'connectTimeout socketTimeout tcpKeepAlive tcpNoDelay allowPublicKeyRetrieval allowLoadLocalInfile useLocalSessionState',
  'cacheServerConfiguration cacheResultSetMetadata elideSetAutoCommits maintainTimeStats useCompression noAccessToProcedureBodies',
  'sendFractionalSeconds createDatabaseIfNotExist jdbcCompliantTruncation',
  // MariaDB Connector/J: https://mariadb.com/docs/connectors/mariadb-connector-j/about-mariadb-connector-j
  'usePipelineAuth useBulkStmts allowLocalInfile timezone pool poolName maxPoolSize minPoolSize maxIdleTime',
  // Go: https://github.com/go-sql-driver/mysql#parameters
  'parseTime loc timeTruncate collation interpolateParams multiStatements columnsWithAlias clientFoundRows maxAllowedPacket timeout',
  'readTimeout writeTimeout checkConnLiveness rejectReadOnly connectionAttributes allowNativePasswords allowOldPasswords',
  'allowCleartextPasswords allowAllFiles allowFallbackToPlaintext time_zone',
  // Prisma: https://www.prisma.io/docs/orm/overview/databases/mysql#arguments
  'connection_limit connect_timeout pool_timeout socket_timeout statement_cache_size max_connection_lifetime',
  // mysql2: https://sidorares.github.io/node-mysql2/docs
  'waitForConnections queueLimit maxIdle idleTimeout enableKeepAlive keepAliveInitialDelay supportBigNumbers bigNumberStrings',
  'decimalNumbers dateStrings namedPlaceholders rowsAsArray multipleStatements jsonStrings compress debug trace',
  // PyMySQL and mysqlclient below SQLAlchemy
  'read_timeout write_timeout autocommit local_infile use_unicode',
].flatMap((names) => names.split(' '));

const PEM = 'write the certificate of the authority as PEM with ssl-ca=FILE';

/** Options whose meaning cannot be kept; what to write instead. */
export const MYSQL_REFUSED: Readonly<Record<string, string>> = {
  trustCertificateKeyStoreUrl: PEM,
  trustStore: PEM,
  fallbackToSystemTrustStore: PEM,
  clientCertificateKeyStoreUrl: 'write ssl-cert=FILE and ssl-key=FILE as PEM',
  keyStore: 'write ssl-cert=FILE and ssl-key=FILE as PEM',
  sslidentity: 'write ssl-cert=FILE and ssl-key=FILE, which openssl pkcs12 extracts from it',
  'ssl-capath': 'write ssl-ca=FILE',
  'ssl-crl': 'a list of revoked certificates cannot be checked; leave it out',
  'ssl-crlpath': 'a list of revoked certificates cannot be checked; leave it out',
  'ssl-fips-mode': 'start Node.js with --force-fips',
  serverRSAPublicKeyFile: 'use TLS (ssl-mode=REQUIRED), which protects the password',
  serverPubKey: 'use TLS (ssl-mode=REQUIRED), which protects the password',
};
