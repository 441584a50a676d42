import type { CallIdentity } from '../../call/call-options.ts';
import { rootCause } from '../../storage/failure-kind.ts';
import type { StreamSource, StreamTarget } from './stream-ports.ts';

/** The parties of a call whose stream may start here, or why it may not. */
export type StreamAdmission = CallIdentity | { readonly refused: string };

const TAKEN: StreamAdmission = { refused: 'a start for a call that another process holds' };

/** Whether the stream of a call may start: its token is valid, and no other process has the call. */
export function streamAdmission(
  source: Pick<StreamSource, 'authenticate'>,
  target: Pick<StreamTarget, 'acquire'>,
  ...[callSid, token, atMs]: Parameters<StreamSource['authenticate']>
): StreamAdmission | Promise<StreamAdmission> {
  const acquired = (identity: CallIdentity | undefined): StreamAdmission | Promise<StreamAdmission> => {
    if (!identity) return { refused: 'a start without a valid token' };
    const acquiring = target.acquire(callSid);
    if (!acquiring) return identity;
    return acquiring.then(
      (free) => (free ? identity : TAKEN),
      (error: unknown) => ({ refused: `a start for a call that cannot be taken: ${rootCause(error)}` }),
    );
  };
  const authenticated = source.authenticate(callSid, token, atMs);
  return authenticated instanceof Promise ? authenticated.then(acquired) : acquired(authenticated);
}
