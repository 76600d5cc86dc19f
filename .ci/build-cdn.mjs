// Makes the files of dist/cdn, for pages without a bundler, out of what tsc has put there: part of `npm run build`.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'dist/cdn');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** TensorFlow.js as the page has it. Core and layers are one object there. */
const pagesOwnTf = {
  name: 'pages-own-tf',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^@tensorflow\// }, ({ path }) => ({ path, namespace: 'pages-own-tf' }));
    onLoad({ filter: /./, namespace: 'pages-own-tf' }, () => ({ contents: 'module.exports = globalThis.tf;' }));
    // The one module that is there for what it does; package.json says that there is none.
    onResolve({ filter: /\/global-tf\.js$/ }, ({ path, resolveDir }) => ({ path: join(resolveDir, path), sideEffects: true }));
  },
};

const { metafile } = await build({
  absWorkingDir: root,
  entryPoints: ['dist/cdn/tabtrain.js', 'dist/cdn/tabtrain-tfjs.js'],
  outdir: 'dist/cdn',
  allowOverwrite: true,
  bundle: true,
  format: 'esm',
  platform: 'browser',
  target: 'es2022',
  minify: true,
  // Metrics are named by their classes, and so are errors.
  keepNames: true,
  legalComments: 'none',
  banner: { js: `/*! tabtrain ${manifest.version}, MIT. Holds further packages, with their licences: LICENSES.txt */` },
  plugins: [pagesOwnTf],
  metafile: true,
  logLevel: 'warning',
});

writeFileSync(join(folder, 'LICENSES.txt'), licences(Object.keys(metafile.inputs)));

/** The licences of tabtrain and of every package that is in the files, as they are written there. */
function licences(inputs) {
  const packages = new Set(inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]).filter(Boolean));
  return ['', ...[...packages].sort((a, b) => (a < b ? -1 : 1))].map(licence).join(`\n${'='.repeat(80)}\n\n`);
}

function licence(name) {
  const place = name === '' ? root : join(root, 'node_modules', name);
  const about = JSON.parse(readFileSync(join(place, 'package.json'), 'utf8'));
  const file = readdirSync(place).find((entry) => /^licen[cs]e(?:\.(?:md|txt))?$/i.test(entry));
  if (file === undefined) throw new Error(`${name}: no licence file, and it is in dist/cdn. Write down its licence.`);
  return `${about.name} ${about.version} (${about.license})\n\n${readFileSync(join(place, file), 'utf8').trim()}\n`;
}
