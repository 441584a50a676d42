import { Command } from 'commander';
import type { CommandSettings } from '../command-settings.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { MachinesRequest } from './machines.ts';

/** `offhook machines`. `configured`: gives the settings when the command runs. `ended`: receives its exit code. */
export function machinesCommand(configured: () => CommandSettings, ended: (code: ExitCode) => void): Command {
  return new Command('machines')
    .description(
      'Lists the machines with the same REDIS_URL: when each was there last, and how many erasures and holds wait for it. Each line is a machine with its own RECORDINGS_DIRECTORY.',
    )
    .option(
      '--forget <name>',
      'stop waiting for a machine that does not come back (its name or id); erase its disk, which may have calls that were erased elsewhere meanwhile',
    )
    .option('--json', 'print the list as JSON')
    .action(async (options: MachinesRequest) => {
      const { settings } = configured();
      ended(await (await import('./machines.ts')).machines(settings, options));
    });
}
