const SYSTEM_CODE = /^E[A-Z]{3,}$/;
const SAID = /connect|connection|socket|timeout|terminat|closed|pool/i;

/** Whether an error that bears no code of the database says that the database cannot be reached. */
export function isNetworkError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code === 'string' && SYSTEM_CODE.test(code)) return true;
  // The drivers' own errors are plain ones; ours have a name.
  return error.name === 'Error' && SAID.test(error.message);
}
