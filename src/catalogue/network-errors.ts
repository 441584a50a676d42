const SYSTEM_CODE = /^E[A-Z]{3,}$/;
const SAID = /connect|connection|socket|timeout|terminat|closed|pool/i;

/** Whether an error without a database error code means that the database is unreachable. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && SYSTEM_CODE.test(code)) return true;
  // The drivers throw plain errors; our own error classes set a name.
  return error.name === 'Error' && SAID.test(error.message);
}
