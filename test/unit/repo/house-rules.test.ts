/// <reference types="node" />
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));

function filesUnder(folder: string, ending: RegExp): string[] {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && ending.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter((path) => !/(^|\/)(dist|node_modules|fixtures|\.cache)\//.test(path));
}

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

const source = filesUnder('src', /\.ts$/);
const written = ['src', 'test', 'demo', 'bench', '.ci'].flatMap((folder) => filesUnder(folder, /\.(?:ts|mts|mjs|js|html|css|py|sh)$/));
const pages = [...filesUnder('docs', /\.md$/), ...['README.md', 'CHANGELOG.md'].filter((page) => existsSync(join(root, page)))];

describe('source', () => {
  test('is there to be looked at', () => {
    expect(source.length).toBeGreaterThan(10);
    expect(written.length).toBeGreaterThan(source.length);
  });
  test('is in files that are read in one sitting: at most 400 lines', () => {
    expect(source.filter((path) => read(path).trimEnd().split('\n').length > 400)).toEqual([]);
  });
  test('holds no unfinished work, no silenced checks, no skipped tests', () => {
    // In pieces, so that this file does not find itself.
    const marks = [
      'TO' + 'DO\\b',
      'FIX' + 'ME\\b',
      '@ts-' + '(?:ignore|nocheck)',
      '\\b(?:test|it|describe)\\.' + '(?:skip|only|todo|fixme)\\(',
    ];
    const mark = new RegExp(marks.join('|'));
    const found = written.flatMap((path) =>
      read(path)
        .split('\n')
        .flatMap((text, index) => (mark.test(text) ? [`${path}:${index + 1}: ${text.trim()}`] : [])),
    );
    expect(found).toEqual([]);
  });
  test('has no drawer for everything', () => {
    expect(source.filter((path) => /\/(?:utils?|helpers?|misc|common)\.ts$/.test(path))).toEqual([]);
  });
});

describe('pages', () => {
  /** The anchor that a heading gets when the page is rendered. */
  const anchorOf = (heading: string): string =>
    heading
      .replace(/`|\*|\[([^\]]*)\]\([^)]*\)/g, '$1')
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replace(/\s/g, '-');
  const withoutCode = (text: string): string => text.replace(/^```[\s\S]*?^```/gm, '').replace(/`[^`\n]*`/g, '');
  const anchorsOf = (path: string): string[] =>
    [
      ...read(path)
        .replace(/^```[\s\S]*?^```/gm, '')
        .matchAll(/^#{1,6} +(.+)$/gm),
    ].map(([, heading = '']) => anchorOf(heading));

  test('have no dead links and no dead anchors', () => {
    const dead = pages.flatMap((page) =>
      [...withoutCode(read(page)).matchAll(/\]\(([^)\s]+)(?:\s+"[^"]*")?\)|(?:src|href|srcset)="([^"]+)"/g)].flatMap(
        ([, inline, attribute]) => {
          const link = inline ?? attribute ?? '';
          if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return [];
          const [path = '', anchor] = link.split('#');
          const target = path === '' ? join(root, page) : resolve(root, dirname(page), decodeURIComponent(path));
          if (!existsSync(target)) return [`${page}: ${link}`];
          const isPage = target.endsWith('.md');
          return anchor && isPage && !anchorsOf(relative(root, target)).includes(anchor) ? [`${page}: ${link}`] : [];
        },
      ),
    );
    expect(dead).toEqual([]);
  });
});

describe('the package', () => {
  interface Manifest {
    readonly type: string;
    readonly license: string;
    readonly sideEffects: boolean;
    readonly exports: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
    readonly dependencies: Readonly<Record<string, string>>;
    readonly devDependencies: Readonly<Record<string, string>>;
    readonly peerDependencies: Readonly<Record<string, string>>;
    readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
  }
  const manifest: Manifest = JSON.parse(read('package.json'));
  // Without the folder of files for pages without a bundler, which are made from those of its own in src.
  const entries = Object.entries(manifest.exports).filter(([name]) => !['./package.json', './cdn/*'].includes(name));

  test('is ES modules only, MIT, free of side effects', () => {
    expect(manifest).toMatchObject({ type: 'module', license: 'MIT', sideEffects: false });
    expect(manifest).not.toHaveProperty('main');
  });
  test.each(entries)('the entry %s names its declarations first, then its code, of one source file', (_name, conditions) => {
    expect(Object.keys(conditions)).toEqual(['types', 'default']);
    const { types = '', default: code = '' } = Object(conditions);
    expect(types).toBe(code.replace(/\.js$/, '.d.ts'));
    // tsc writes one file for each of src, so the entry is there after a build when its source is.
    expect(source).toContain(code.replace('./dist/', 'src/').replace(/\.js$/, '.ts'));
  });
  test('each entry has a size budget', () => {
    const budgets: readonly { readonly path: string }[] = JSON.parse(read('.size-limit.json'));
    const budgeted = new Set(budgets.map(({ path }) => `./${path}`));
    expect(entries.filter(([, conditions]) => !budgeted.has(Object(conditions).default))).toEqual([]);
  });
  test('pins what it installs, and leaves every peer optional', () => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, range]) => !/^\d+\.\d+\.\d+$/.test(range),
    );
    expect(loose).toEqual([]);
    expect(Object.keys(manifest.peerDependenciesMeta).sort()).toEqual(Object.keys(manifest.peerDependencies).sort());
    expect(Object.values(manifest.peerDependenciesMeta).every(({ optional }) => optional)).toBe(true);
  });

  interface Lock {
    readonly packages: Readonly<
      Record<string, { readonly resolved?: string; readonly optionalDependencies?: Readonly<Record<string, string>> }>
    >;
  }
  const { packages }: Lock = JSON.parse(read('package-lock.json'));
  test('is locked without the address of a registry, so that any mirror serves it', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved)).toEqual([]);
  });
  test('is locked for every system, not only the one that wrote the lock file', () => {
    // `npm ci` refuses a lock file that leaves out a platform package of a direct tool.
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies).filter((name) => !packages[`node_modules/${name}`] && !packages[`${path}/node_modules/${name}`]),
    );
    expect(missing).toEqual([]);
  });
});
