// Who may import whom. `npm run check:imports` runs it (and makes sure that it looked at every file).

/** For each room of src: the rooms it may import. A room that is not in this table is an error. */
export const mayImport = {
  core: [],
  config: ['core', 'formats'],
  metrics: ['core'],
  media: ['core'],
  formats: ['core'],
  store: ['core'],
  run: ['core', 'media', 'store'],
  train: ['core', 'metrics', 'run'],
  tfjs: ['core', 'media', 'metrics', 'run', 'train'],
  loggers: ['core', 'formats', 'media', 'run', 'store'],
  writers: ['core', 'formats', 'media', 'run'],
  worker: ['core', 'store', 'run'],
  panel: ['core', 'store', 'formats', 'metrics'],
  export: ['core', 'formats', 'store'],
  import: ['core', 'formats', 'store'],
  parquet: ['core', 'formats', 'store'],
  // Types only, of the texts that each room says.
  languages: ['core', 'store', 'run', 'train', 'loggers', 'writers', 'worker', 'panel', 'export', 'import', 'media', 'metrics', 'tfjs'],
  testing: ['core', 'store', 'run'],
  // Everything in one file, for pages without a bundler.
  cdn: ['core', 'config', 'export', 'import', 'languages', 'loggers', 'panel', 'tfjs', 'worker', 'writers'],
};

/** What the entry `tabtrain` itself re-exports from. */
const entryMayImport = ['core', 'metrics', 'run', 'store', 'train'];

/** For each package with a weight or a runtime of its own: the one room that knows it. */
const onlyKnownTo = {
  idb: 'store',
  comlink: 'worker',
  'chart\\.js': 'panel',
  '@tensorflow': 'tfjs',
  'client-zip': 'export',
  unzipit: 'import',
  'hyparquet-writer': 'parquet',
  'js-yaml': 'formats',
};

const anyOf = (names) => `(?:${names.join('|')})`;

const rooms = Object.entries(mayImport).map(([room, others]) => ({
  name: `${room}-imports-only-${others.join('+') || 'itself'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: [`^src/${anyOf([room, ...others])}/`, '^src/index\\.ts$'] },
}));

// Unresolved packages keep the bare name, hence the two forms of the path.
const packages = Object.entries(onlyKnownTo).map(([name, room]) => ({
  name: `only-${room}-knows-${name.replace('\\', '')}`,
  severity: 'error',
  from: { path: '^src/', pathNot: `^src/${room}/` },
  to: { path: `(?:^|node_modules/)${name}(?:/|$)` },
}));

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    ...rooms,
    ...packages,
    {
      name: 'entry-re-exports-light-rooms',
      severity: 'error',
      from: { path: '^src/index\\.ts$' },
      to: { path: '^src/', pathNot: `^src/${anyOf(entryMayImport)}/` },
    },
    {
      name: 'nobody-imports-the-entry',
      severity: 'error',
      from: { path: '^src/.+/', pathNot: '^src/cdn/' },
      to: { path: '^src/index\\.ts$' },
    },
    { name: 'no-node-in-the-library', severity: 'error', from: { path: '^src/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'only-declared-packages',
      severity: 'error',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['npm', 'npm-peer', 'npm-optional'] },
    },
    { name: 'unresolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    parser: 'swc',
    // Type-only imports count: a room that needs another room's types depends on it.
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
};
