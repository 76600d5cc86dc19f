// npm run check:imports: the import table of .dependency-cruiser.mjs, with a guard against a cruise that looked at nothing.
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const root = process.cwd();
const { mayImport } = await import(pathToFileURL(join(root, '.dependency-cruiser.mjs')).href);
const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
const cruised = spawnSync(process.execPath, [program, '--config', '.dependency-cruiser.mjs', '--output-type', 'json', 'src'], {
  cwd: root,
  encoding: 'utf8',
  maxBuffer: 256 * 2 ** 20,
});
if (!cruised.stdout.startsWith('{')) {
  console.error(cruised.stderr || cruised.stdout);
  if (cruised.stderr.includes('UsingDeclaration')) console.error('src cannot hold `using` declarations: close with try … finally.');
  process.exit(1);
}
const { modules, summary } = JSON.parse(cruised.stdout);

const inSource = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true });
const files = inSource.filter((entry) => entry.isFile() && entry.name.endsWith('.ts')).length;
const seen = modules.filter(({ source }) => source.startsWith('src/')).length;
const strangers = readdirSync(join(root, 'src'), { withFileTypes: true }).filter(
  (entry) => entry.isDirectory() && !(entry.name in mayImport),
);

const problems = summary.violations.map(({ from, to, rule, cycle }) =>
  [`${rule.name}: ${from}`, ...(cycle ? cycle.map(({ name }) => name) : [to])].join(' -> '),
);
if (files === 0 || seen !== files) problems.push(`looked at ${seen} modules, but src holds ${files} .ts files`);
for (const { name } of strangers) problems.push(`src/${name}: no row in the import table of .dependency-cruiser.mjs`);

for (const problem of problems) console.error(problem);
console.log(`import table: ${seen} modules, ${problems.length} problems`);
process.exit(problems.length === 0 ? 0 : 1);
