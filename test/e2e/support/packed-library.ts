/// <reference types="node" />
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const run = promisify(execFile);

/** Builds the library and packs it as npm would publish it. Gives back the packed file's path. */
export async function packLibrary(folder: string): Promise<string> {
  await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', join(root, 'tsconfig.build.json')], { cwd: root });
  await run(process.execPath, [join(root, '.ci/build-cdn.mjs')], { cwd: root });
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout } = await run(npm, ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root });
  const packed: unknown = JSON.parse(stdout);
  const [{ filename }] = (Array.isArray(packed) ? packed : Object.values(packed as object)) as [{ filename: string }]; // npm's documented output
  return join(folder, filename);
}

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
}

/**
 * Installs the packed library with pnpm, in its strict layout: a package finds what it has declared and nothing else. No registry is
 * asked: what the library depends on is taken from this repository's packages, and the large peers are linked.
 */
export async function installStrictly(folder: string, packed: string, linked: readonly string[]): Promise<void> {
  const copied: Record<string, string> = {};
  const collect = async (manifestPath: string): Promise<void> => {
    const { dependencies = {} } = JSON.parse(await readFile(manifestPath, 'utf8')) as Manifest; // a package.json
    for (const name of Object.keys(dependencies)) {
      if (name in copied) continue;
      const place = await placeOf(name, dirname(manifestPath));
      copied[name] = `file:${place}`;
      await collect(join(place, 'package.json'));
    }
  };
  await collect(join(root, 'package.json'));
  await collect(join(root, 'node_modules/chart.js/package.json'));
  const manifest = {
    name: 'matrix',
    private: true,
    type: 'module',
    dependencies: {
      tabtrain: `file:${packed}`,
      'chart.js': `file:${join(root, 'node_modules/chart.js')}`,
      ...Object.fromEntries(linked.map((name) => [name, `link:${join(root, 'node_modules', name)}`])),
    },
    pnpm: { overrides: copied },
  };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  const pnpm = join(root, 'node_modules/pnpm/bin/pnpm.cjs');
  const options = ['--offline', '--ignore-scripts', '--ignore-workspace', '--store-dir', join(folder, '../pnpm-store')];
  await run(process.execPath, [pnpm, 'install', ...options], { cwd: folder });
}

/** Where a package lies that another one depends on. */
async function placeOf(name: string, from: string): Promise<string> {
  for (const folder of createRequire(join(from, 'package.json')).resolve.paths(name) ?? []) {
    const place = join(folder, name);
    if (await readFile(join(place, 'package.json')).then(Boolean, () => false)) return place;
  }
  throw new Error(`${name} is not installed, and ${from} depends on it`);
}
