import { Command } from 'commander';
import type { CommandSettings } from '../command-settings.ts';
import type { ExitCode } from '../exit-codes.ts';

/** `offhook worker`. `configured`: gives the settings when the command runs. `ended`: receives its exit code. */
export function workerCommand(configured: () => CommandSettings, ended: (code: ExitCode) => void): Command {
  return new Command('worker')
    .description(
      'Writes the files of ended calls for the servers with the same REDIS_URL, until SIGTERM or SIGINT; then it completes what it has begun. It needs their DATABASE_URL, RECORDINGS_STORE and services, and takes no calls.',
    )
    .action(async () => {
      const given = configured();
      ended(await (await import('./worker.ts')).worker(given));
    });
}
