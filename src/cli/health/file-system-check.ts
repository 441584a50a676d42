import { fileSystemLimits } from '../../app/file-system-limits.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Finding } from './finding.ts';

/** One warning for each guarantee that is weaker because of a file system. */
export async function checkFileSystems(settings: Settings): Promise<Finding[]> {
  const what = 'file systems';
  const limits = await fileSystemLimits(settings);
  if (limits.length === 0)
    return [{ what, verdict: 'ok', found: 'have locks, sockets, links and permissions' }];
  return limits.map(({ directory, missing, consequence }) => ({
    what,
    verdict: 'warn',
    found: `${directory}: ${missing}`,
    todo: consequence,
  }));
}
