import { callsAreCompletedOn, WITHOUT_LOCKS } from './file-system-kinds.ts';

// The other file systems are tested by the integration tests.
callsAreCompletedOn(
  ['a directory shared by Docker Desktop', 'an SMB share', 'a directory of Windows below WSL'],
  [WITHOUT_LOCKS[1], WITHOUT_LOCKS[2]],
);
