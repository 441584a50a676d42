// Before `npm test`: the outside readers that the tests judge our files by. Nothing is skipped for the lack of one.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

/** Command → Debian package. */
const TOOLS = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  sox: 'sox',
  flac: 'flac',
  oggdec: 'vorbis-tools',
  lame: 'lame',
};

function isThere(command) {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).error === undefined;
}

function missingPackages() {
  const missing = Object.keys(TOOLS).filter((command) => !isThere(command));
  return [...new Set(missing.map((command) => TOOLS[command]))];
}

function run(command, ...parameters) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(command, parameters, { stdio: 'inherit', env }).status === 0;
}

const needed = missingPackages();
if (needed.length > 0) {
  const install = ['install', '-y', '--no-install-recommends', ...needed];
  const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (mayInstall) {
    console.log(`Installing what the tests judge audio by: ${needed.join(', ')}`);
    run('apt-get', 'update');
    run('apt-get', ...install);
  }
  if (missingPackages().length > 0) {
    const how = existsSync('/etc/debian_version')
      ? `sudo apt-get update && sudo apt-get ${install.join(' ')}`
      : process.platform === 'darwin'
        ? `brew install ${needed.join(' ')}`
        : `your package manager for: ${needed.join(' ')}`;
    console.error(`The tests need ${missingPackages().join(', ')}; install with: ${how}`);
    process.exit(1);
  }
}
