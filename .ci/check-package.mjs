// npm run check:package: packs the library as npm would publish it and looks at the packed file. Needs `npm run build` before.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { npm } from './npm.mjs';

const root = process.cwd();
const published = /^(?:dist\/.+|package\.json|README\.md|LICENSE|CHANGELOG\.md)$/;
const folder = mkdtempSync(join(tmpdir(), 'tabtrain-pack-'));
const problems = [];
try {
  const [program, ...args] = npm('pack', '--json', '--ignore-scripts', '--pack-destination', folder);
  const packed = spawnSync(program, args, { cwd: root, encoding: 'utf8' });
  if (packed.status !== 0) throw new Error(`npm pack failed\n${packed.stderr}`);
  const [{ filename, files, size }] = Object.values(JSON.parse(packed.stdout));
  const tarball = join(folder, filename);

  for (const { path } of files) if (!published.test(path)) problems.push(`${path}: does not belong into the package`);
  if (!files.some(({ path }) => path.startsWith('dist/'))) problems.push('dist/: nothing was packed. Run `npm run build` first.');

  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const bytes = readFileSync(tarball);
  const shape = await publint({
    pack: { tarball: bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) },
    strict: true,
  });
  for (const message of shape.messages) {
    if (message.type === 'suggestion') continue;
    problems.push(`publint: ${formatMessage(message, manifest, { color: false })}`);
  }

  const attw = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js');
  const types = spawnSync(process.execPath, [attw, tarball, '--profile', 'esm-only', '--no-color', '--no-emoji', '--format', 'ascii'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (types.status !== 0) problems.push(`are-the-types-wrong:\n${types.stdout}${types.stderr}`);

  console.log(`package: ${files.length} files, ${Math.round(size / 1024)} kB packed, ${problems.length} problems`);
} catch (error) {
  problems.push(String(error));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
for (const problem of problems) console.error(problem);
process.exit(problems.length === 0 ? 0 : 1);
