/**
 * Imports go one way. Each part of lib may import the parts before it in this list, never those after it; parts on one
 * line do not know each other. Files directly in lib/ that are not named here are the base, which everyone may import.
 */
const order = [
  ['data', 'metrics', 'engine', 'mpi'],
  ['figures', 'distributions', 'optimizers', 'augmentations'],
  ['layers', 'gaussianProcess'],
  ['objectives', 'weights', 'compat'],
  ['inference'],
  ['parallel', 'conformal'],
  ['cluster'],
  ['runs'],
  ['show'],
  ['fit'],
  ['resume', 'scaling'],
  ['index'],
];

/** A pattern for a part, be it a folder or a file. @param {string[]} names */
const inLib = (names) => `^lib/(${names.join('|')})(/|[.]ts$)`;

const oneWay = order.flatMap((level, position) =>
  level.map((name) => {
    const forbidden = [...level.filter((other) => other !== name), ...order.slice(position + 1).flat()];
    return {
      name: `one-way-${name}`,
      comment: `lib/${name} comes before what it imports here: move the shared piece to the left, or pass it in`,
      severity: 'error',
      from: { path: inLib([name]) },
      to: { path: forbidden.length > 0 ? inLib(forbidden) : '^$' },
    };
  }),
);

/** The same within a part that has folders of its own: its other files come after them. */
const inner = {
  // the C library, tfjs on it, functions compiled from tfjs
  engine: ['native', 'tfjs', 'compile'],
  // who computes what; what workers share; what they tell each other; a step; who makes it
  parallel: ['plan', 'memory', 'exchange', 'step', 'worker'],
};
const oneWayWithin = Object.entries(inner).flatMap(([part, folders]) =>
  folders.map((name, position) => {
    const later = folders.slice(position + 1).map((folder) => `^lib/${part}/${folder}/`);
    return {
      name: `one-way-${part}-${name}`,
      comment: `lib/${part}/${name} comes before what it imports here`,
      severity: 'error',
      from: { path: `^lib/${part}/${name}/` },
      to: { path: [...later, `^lib/${part}/[^/]+[.]ts$`].join('|') },
    };
  }),
);

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...oneWay,
    ...oneWayWithin,
    {
      name: 'base-imports-base',
      comment: 'The files directly in lib/ that everyone imports import only each other',
      severity: 'error',
      from: { path: '^lib/[^/]+[.]ts$', pathNot: inLib(order.flat()) },
      to: { path: inLib(order.flat()) },
    },
    {
      name: 'no-circular',
      comment: 'Two files that need each other are one file, or want a third',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports this file, and it imports nobody: it is dead',
      severity: 'error',
      from: { orphan: true, pathNot: '[.]d[.]ts$' },
      to: {},
    },
    {
      name: 'lib-stands-alone',
      comment: 'The library works in plain Node: it knows nothing of kernel, extension, tests and benchmarks',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(kernel|extension|test|bench|scripts)/' },
    },
    {
      name: 'kernel-before-extension',
      comment: 'The kernel knows nothing of the front end, the tests and the benchmarks',
      severity: 'error',
      from: { path: '^kernel/' },
      to: { path: '^(extension|test|bench|scripts)/' },
    },
    {
      name: 'extension-knows-only-figures',
      comment:
        'The front end shares the wire and the figures with the library: pure functions that run in a browser',
      severity: 'error',
      from: { path: '^extension/' },
      to: { path: '^(lib|kernel|test|bench|scripts)/', pathNot: inLib(['figures']) },
    },
    {
      name: 'plain-parts-without-tfjs',
      comment: 'Data, metrics and figures take and give plain typed arrays, and load without TensorFlow',
      severity: 'error',
      from: { path: inLib(['data', 'metrics', 'figures']) },
      to: { path: `node_modules/@tensorflow/|${inLib(['engine'])}` },
    },
    {
      name: 'figures-run-in-a-browser',
      comment: 'The front end draws with the same figures: nothing of Node in them but in the writer of PNGs',
      severity: 'error',
      from: { path: inLib(['figures']), pathNot: '^lib/figures/png[.]ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'few-native',
      comment: 'Native libraries are called in lib/engine, lib/mpi and kernel/signal.ts alone',
      severity: 'error',
      from: { pathNot: [inLib(['engine', 'mpi']), '^kernel/signal[.]ts$'] },
      to: { path: 'node_modules/(koffi|@koromix/koffi-[^/]+)/' },
    },
    {
      name: 'no-dev-dependencies',
      comment: 'What is published may only use what is installed with it',
      severity: 'error',
      from: { path: '^(lib|kernel)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/@types/',
      },
    },
    {
      name: 'declared',
      comment:
        'Every package that is imported stands in package.json, and is there; the extension names its own styles by its own name',
      severity: 'error',
      from: {},
      to: {
        dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'unknown', 'undetermined'],
        pathNot: '^extension/style/',
      },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^extension/(lib|credence_lab)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
