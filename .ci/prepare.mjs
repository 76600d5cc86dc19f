// What has to be there before `npm start` and `npm test`: a Node that fits, the packages of the lock file, a browser for tests.
// Only Node itself is imported here: this runs before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findChromium } from './chromium.mjs';
import { npm } from './npm.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

// Measured with an empty npm cache on Linux; other systems are close.
const megabytes = { download: 210, disk: 610 };

/** Why this Node cannot be used, in a sentence; `undefined` when it can. */
export function nodeProblem(version) {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number);
  const fits = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  return fits
    ? undefined
    : `This is Node ${version}; tabtrain is developed on Node 20.19 or later, or 22.12 or later. Get one at https://nodejs.org.`;
}

/** Whether what is installed differs from the lock file. Compares contents, so a changed date alone installs nothing. */
export function needsInstall(folder) {
  const installedLock = join(folder, 'node_modules/.package-lock.json');
  if (!existsSync(installedLock)) return true;
  const wanted = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8')).packages;
  const installed = JSON.parse(readFileSync(installedLock, 'utf8')).packages;
  return Object.entries(wanted).some(([path, { version, optional }]) => {
    if (path === '') return false;
    const found = installed[path];
    return found ? found.version !== version : !optional; // optional ones are for other systems
  });
}

/**
 * The command lines that install a Chromium on this system, first choice first. Debian's own package comes with the libraries it
 * needs; elsewhere Playwright downloads a build of its own (the full one: its headless shell has no WebGPU).
 */
export function chromiumInstallers({ platform, isRoot, osRelease, hasAptGet }) {
  const ids = [...osRelease.matchAll(/^ID(?:_LIKE)?="?([^"\n]*)"?$/gm)].flatMap(([, value]) => value.split(' '));
  // Ubuntu's package of that name is only a pointer to a snap.
  const hasPackage = ids.includes('debian') && !ids.includes('ubuntu');
  const playwright = ['install', 'chromium', '--no-shell', ...(platform === 'linux' && isRoot ? ['--with-deps'] : [])];
  return [
    ...(platform === 'linux' && isRoot && hasAptGet && hasPackage
      ? [
          {
            name: "Debian's package chromium (about 100 MB to download)",
            commands: [
              ['apt-get', 'update', '-qq'],
              ['apt-get', 'install', '-y', '-qq', '--no-install-recommends', 'chromium'],
            ],
          },
        ]
      : []),
    {
      name: "Playwright's Chromium (about 180 MB to download)",
      commands: [[process.execPath, join(root, 'node_modules/playwright/cli.js'), ...playwright]],
    },
  ];
}

function run([program, ...args]) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  return spawnSync(program, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0;
}

function fail(text) {
  console.error(text);
  process.exit(1);
}

function installPackages() {
  if (!needsInstall(root)) return;
  console.log(
    `Installing the packages of package-lock.json with npm ci: about ${megabytes.download} MB to download, ${megabytes.disk} MB on disk.`,
  );
  // No package needs its install script: those that carry a program ship it as a package per system.
  if (!run(npm('ci', '--include=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'))) {
    fail('npm ci failed: see above. If the lock file is at fault, run `npm install` and commit it.');
  }
}

function installChromium() {
  if (findChromium()) return;
  const osRelease = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const hasAptGet = existsSync('/usr/bin/apt-get');
  const isRoot = process.getuid?.() === 0;
  for (const { name, commands } of chromiumInstallers({ platform: process.platform, isRoot, osRelease, hasAptGet })) {
    console.log(`Browser tests need a Chromium and none was found. Installing ${name}.`);
    if (commands.every(run) && findChromium()) return;
  }
  fail('No Chromium could be installed. Install Chromium or Chrome yourself and set CHROMIUM to its path, then try again.');
}

/** Makes this checkout ready. Says what it downloads, does nothing when everything is there. Ends the program when it cannot. */
export function prepare({ browser = false } = {}) {
  const problem = nodeProblem(process.version);
  if (problem) fail(problem);
  installPackages();
  if (!browser) return;
  try {
    installChromium();
  } catch (error) {
    fail(error.message); // CHROMIUM is set to something that is no program
  }
}
