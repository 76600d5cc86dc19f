// What each entry adds to a page, minified and compressed with Brotli. Measured by `npm run check:size`.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';
import { build } from 'vite';
import { npm } from '../../.ci/npm.mjs';

export const id = 'size';
/** No times in it: a busy machine changes nothing. */
export const isCounted = true;

/** kB that were promised before there was any code; `npm run check:size` only keeps the rest from growing. */
const promises = { core: 10, panel: 20 };
const root = join(import.meta.dirname, '../..');
const peers = join(root, 'bench/node_modules');

export async function run({ progress }) {
  progress('building dist/');
  capture(npm('run', '--silent', 'build'));
  const entries = JSON.parse(capture([process.execPath, join(root, 'node_modules/size-limit/bin.js'), '--json'], { mayFail: true }));
  const limits = new Map(JSON.parse(readFileSync(join(root, '.size-limit.json'), 'utf8')).map(({ name, limit }) => [name, limit]));
  const wholePanel = brotli(await bundle(join(root, 'dist/panel/index.js')));
  return entries.map(({ name, size, passed }) => {
    const key = keyOf(name);
    const promise = promises[key];
    const isPanel = key === 'panel';
    const tfjsVis = isPanel ? tfjsVisSize() : undefined;
    return {
      id: `${id}-${key}`,
      value: size / 1000,
      unit: 'kB',
      budget: promise === undefined ? `≤ ${limits.get(name)}` : `≤ ${promise} kB (the check holds it below ${limits.get(name)})`,
      ok: promise === undefined ? passed : size <= promise * 1000,
      peers: {
        ...(isPanel ? { 'the same with Chart.js inside': wholePanel / 1000 } : {}),
        ...(tfjsVis === undefined ? {} : { 'tfjs-vis (Vega inside)': tfjsVis / 1000 }),
      },
      // Bytes do not vary; like with like, both with their chart library.
      ...(tfjsVis === undefined
        ? { ratio: null, ci95: null }
        : { ratio: wholePanel / tfjsVis, ci95: [wholePanel / tfjsVis, wholePanel / tfjsVis] }),
      note: isPanel ? `${name}; the ratio is with Chart.js inside, to tfjs-vis` : name,
    };
  });
}

function capture([program, ...args], { mayFail = false } = {}) {
  try {
    return execFileSync(program, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    // size-limit exits with 1 when a budget is exceeded, and says so in its output.
    if (mayFail && error.stdout) return error.stdout;
    throw new Error(`bench: ${args.join(' ')} failed: ${error.stdout ?? ''}${error.stderr ?? ''}`, { cause: error });
  }
}

/** What stands in the id for an entry of the size check: `core`, `all`, `panel`, `panel-with-store` … */
function keyOf(name) {
  if (name.startsWith('{')) return 'core';
  const [entry, what = ''] = name.replace(/^tabtrain\/?/, '').split(', ');
  if (entry === '') return 'all';
  if (entry !== 'panel' || what.startsWith('charts')) return entry;
  return what === 'store included' ? 'panel-with-store' : 'panel-progress';
}

/** One entry with everything it imports, as a page would load it. */
async function bundle(entry) {
  const built = await build({
    root,
    configFile: false,
    logLevel: 'warn',
    build: { write: false, minify: true, target: 'es2022', rollupOptions: { input: entry, preserveEntrySignatures: 'strict' } },
  });
  return built.output.map((chunk) => chunk.code ?? '').join('');
}

function tfjsVisSize() {
  const file = join(peers, '@tensorflow/tfjs-vis/dist/tfjs-vis.umd.min.js');
  return existsSync(file) ? brotli(readFileSync(file)) : undefined;
}

function brotli(text) {
  return brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }).byteLength;
}
