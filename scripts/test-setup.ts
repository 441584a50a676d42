// Installs the programs that test:external, test:browser and test:realtime need (Debian, as root).
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { missingTools, TOOL_TIERS } from './tier-tools.ts';

const missingPackages = (): readonly string[] => [
  ...new Set(TOOL_TIERS.flatMap(missingTools).map(({ debianPackage }) => debianPackage)),
];

function run(command: string, ...parameters: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync(command, parameters, { stdio: 'inherit', env });
}

function instructions(packages: readonly string[]): string {
  const names = packages.join(' ');
  if (existsSync('/etc/debian_version'))
    return `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${names}`;
  return `your package manager (Debian package names: ${names})`;
}

const needed = missingPackages();
const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
if (needed.length > 0 && mayInstall) {
  console.log(`Installing ${needed.join(', ')}`);
  run('apt-get', 'update');
  run('apt-get', 'install', '-y', '--no-install-recommends', ...needed);
}
const stillMissing = missingPackages();
if (stillMissing.length > 0) {
  console.error(`The tests need ${stillMissing.join(', ')}: install with ${instructions(stillMissing)}`);
  process.exit(1);
}
console.log('All programs that the tests need are installed.');
