// Where a full Chromium (the build with WebGPU, not the "headless shell") is looked for, and how tests start it.
import { accessSync, constants, existsSync, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Flags for every browser that tests start: software WebGPU and WebGL everywhere, and no traffic that leaves this machine. */
export const chromiumArgs = [
  '--headless=new', // the old headless mode has no WebGPU
  '--no-sandbox', // containers run as root
  '--disable-dev-shm-usage', // containers have 64 MB of /dev/shm
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  '--enable-unsafe-swiftshader', // software WebGL
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-pings',
  '--no-first-run',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE localhost , EXCLUDE 127.0.0.1',
];

const isExecutable = (path) => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

const commands = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome', 'microsoft-edge-stable'];

function usualPlaces(platform, env) {
  if (platform === 'darwin') {
    return ['Google Chrome', 'Chromium', 'Google Chrome Canary', 'Microsoft Edge'].flatMap((app) =>
      ['/Applications', join(homedir(), 'Applications')].map((folder) => `${folder}/${app}.app/Contents/MacOS/${app}`),
    );
  }
  if (platform === 'win32') {
    const roots = [env.PROGRAMFILES, env['PROGRAMFILES(X86)'], env.LOCALAPPDATA].filter(Boolean);
    const programs = [
      'Google\\Chrome\\Application\\chrome.exe',
      'Chromium\\Application\\chrome.exe',
      'Microsoft\\Edge\\Application\\msedge.exe',
    ];
    return programs.flatMap((program) => roots.map((root) => `${root}\\${program}`));
  }
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome'];
  return commands.flatMap((command) => folders.filter(Boolean).map((folder) => join(folder, command)));
}

function playwrightCache(platform, env) {
  const caches = {
    darwin: join(homedir(), 'Library', 'Caches'),
    win32: env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'),
  };
  const set = env.PLAYWRIGHT_BROWSERS_PATH;
  const root = set && set !== '0' ? set : join(caches[platform] ?? env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'ms-playwright');
  if (!existsSync(root)) return [];
  const revision = (name) => Number(name.slice('chromium-'.length));
  const builds = readdirSync(root)
    .filter((name) => /^chromium-\d+$/.test(name))
    .sort((a, b) => revision(b) - revision(a));
  const programs = ['chrome', 'chrome.exe', ...['Chromium', 'Google Chrome for Testing'].map((app) => `${app}.app/Contents/MacOS/${app}`)];
  return builds.flatMap((build) =>
    readdirSync(join(root, build))
      .filter((folder) => folder.startsWith('chrome-'))
      .flatMap((folder) => programs.map((program) => join(root, build, folder, program))),
  );
}

/**
 * The browser that tests use: `CHROMIUM` or `CHROME_PATH` when set, else the usual places, else Playwright's cache.
 * `undefined` when there is none; throws when a variable names something that cannot be run.
 */
export function findChromium(env = process.env, platform = process.platform) {
  for (const name of ['CHROMIUM', 'CHROME_PATH']) {
    const path = env[name];
    if (!path) continue;
    if (isExecutable(path)) return path;
    throw new Error(`${name}=${path}: no program is there. Point it to a Chromium or Chrome, or unset it to let one be found.`);
  }
  return [...usualPlaces(platform, env), ...playwrightCache(platform, env)].find(isExecutable);
}

/** What Playwright's `launch` takes. Without a Chromium on this machine Playwright reports it, with the command that installs one. */
export function chromiumLaunchOptions() {
  const executablePath = findChromium();
  return { args: [...chromiumArgs], ...(executablePath ? { executablePath } : { channel: 'chromium' }) };
}
