// Before `npm test`: the outside readers that the tests judge our files by. Nothing is skipped for the lack of one.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Command → Debian package. */
const TOOLS = {
  ffmpeg: 'ffmpeg',
  ffprobe: 'ffmpeg',
  sox: 'sox',
  flac: 'flac',
  oggdec: 'vorbis-tools',
  lame: 'lame',
};
/** The database servers that the catalogue is tested with. Program → Debian package. */
const SERVERS = {
  postgres: 'postgresql',
  initdb: 'postgresql',
  mariadbd: 'mariadb-server',
  'mariadb-install-db': 'mariadb-server',
};
/** A browser that the pages are tried in: any of these will do, else Debian's. */
const BROWSERS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const BROWSER_PACKAGE = 'chromium';
const POSTGRES_VERSIONS = '/usr/lib/postgresql';

function isThere(command) {
  return spawnSync(command, ['-version'], { stdio: 'ignore' }).error === undefined;
}

/** Servers lie where not everybody looks, and are not run to see. */
function liesSomewhere(program) {
  const versions = existsSync(POSTGRES_VERSIONS) ? readdirSync(POSTGRES_VERSIONS) : [];
  const own = versions.map((version) => `${POSTGRES_VERSIONS}/${version}/bin`);
  const folders = [...(process.env.PATH ?? '').split(':'), '/usr/sbin', '/usr/local/sbin', ...own];
  return folders.some((folder) => existsSync(path.join(folder, program)));
}

function missingPackages() {
  const tools = Object.keys(TOOLS).filter((command) => !isThere(command));
  const servers = Object.keys(SERVERS).filter((program) => !liesSomewhere(program));
  const browsers = BROWSERS.some((program) => liesSomewhere(program)) ? [] : [BROWSER_PACKAGE];
  return [
    ...new Set([...tools.map((each) => TOOLS[each]), ...servers.map((each) => SERVERS[each]), ...browsers]),
  ];
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
    console.log(`Installing what the tests judge by: ${needed.join(', ')}`);
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
