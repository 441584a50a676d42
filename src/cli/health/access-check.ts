import type { Settings } from '../../settings/settings.ts';
import type { Finding } from './finding.ts';

/** NIST SP 800-63B-4 asks for at least 15 characters where a password is the only factor; 8 are its minimum beside others. */
const SHORT = 15;

/** Checks whether the pages can be opened by their owner, and not by others. */
export function checkAccess({ access }: Settings): Finding {
  const what = 'password';
  const { adminPassword, localRequests } = access;
  if (adminPassword === undefined) {
    if (localRequests)
      return { what, verdict: 'ok', found: 'not set: only requests from this machine are served' };
    const todo = 'set ADMIN_PASSWORD: behind a public address the pages cannot be opened without it';
    return { what, verdict: 'warn', found: 'not set', todo };
  }
  const characters = [...adminPassword].length;
  if (characters >= SHORT) return { what, verdict: 'ok', found: `set, ${characters} characters` };
  const todo = `set ADMIN_PASSWORD to at least ${SHORT} characters: a guessed password opens every recording`;
  return { what, verdict: 'warn', found: `has only ${characters} characters`, todo };
}
