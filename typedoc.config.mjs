// The reference of the public interface: `npm run docs`. A warning fails it, and with it `npm test`.
import { CommentTag, Converter, DeclarationReflection, ReflectionKind } from 'typedoc';

/** What belongs together, by the folder or file in lib/ that it is declared in. */
const categories = {
  Models: ['layers', 'distributions', 'weights', 'compat', 'ndarray'],
  Learning: [
    'fit',
    'inference',
    'objectives',
    'optimizers',
    'augmentations',
    'parallel',
    'cluster',
    'gaussianProcess',
  ],
  'Data and scores': ['data', 'metrics', 'conformal'],
  Runs: ['runs', 'resume', 'scaling'],
  Pictures: ['show', 'figures'],
  'Engine and errors': ['engine', 'mpi', 'errors'],
};

/**
 * Puts everything at the top into a category.
 * @param {import('typedoc').Application} app
 */
function categorise({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    for (const reflection of context.project.children ?? []) {
      const declaration = context.getSymbolFromReflection(reflection)?.declarations?.[0];
      const part = /\/lib\/([^/.]+)/.exec(declaration?.getSourceFile().fileName ?? '')?.[1] ?? 'engine';
      const [name] = Object.entries(categories).find(([, parts]) => parts.includes(part)) ?? ['Other'];
      for (const { comment } of [reflection, ...(reflection.signatures ?? [])]) {
        comment?.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: name }]));
      }
    }
  });
}

/**
 * Leaves out how things print and show themselves: nobody calls that by hand.
 * @param {import('typedoc').Application} app
 */
function withoutPrinting({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const method of project.getReflectionsByKind(ReflectionKind.Method)) {
      if (method.name === 'toString' || method.name.startsWith('[')) project.removeReflection(method);
    }
  });
}

/**
 * The parts of `likelihoods`, `priors` and `show` are functions: what is said of the function is said of its name.
 * @param {import('typedoc').Application} app
 */
function describeParts({ converter }) {
  converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    for (const part of Object.values(project.reflections)) {
      if (!(part instanceof DeclarationReflection) || part.type?.type !== 'reflection') continue;
      part.comment ??= part.type.declaration.signatures?.[0]?.comment?.clone();
    }
  });
}

/**
 * A field of a type that valibot infers has two declarations for typedoc, both at the same place: it would warn of each.
 * @param {import('typedoc').Application} app
 */
function withoutDuplicates({ logger }) {
  const log = logger.log.bind(logger);
  logger.log = (message, level) => {
    if (!message.includes('has multiple declarations with a comment')) log(message, level);
  };
}

/** @type {Partial<import('typedoc').TypeDocOptions>} */
export default {
  name: 'Credence',
  entryPoints: ['lib/index.ts'],
  tsconfig: 'tsconfig.json',
  out: 'docs/api',
  readme: 'none',
  plugin: [categorise, withoutPrinting, describeParts, withoutDuplicates],
  categoryOrder: [...Object.keys(categories), '*'],
  kindSortOrder: ['Namespace', 'Function', 'Variable', 'Class', 'Interface', 'TypeAlias'],
  navigation: { includeCategories: true },
  skipErrorChecking: true, // the compiler checks the sources before
  excludeInternal: true,
  excludePrivate: true,
  excludeExternals: true, // tf has a reference of its own
  disableSources: true,
  logLevel: 'Warn',
  treatWarningsAsErrors: true,
  validation: {
    invalidLink: true,
    notExported: true,
    notDocumented: true,
    rewrittenLink: true,
    unusedMergeModuleWith: true,
    invalidPath: false, // '[N]: a number for each datum' reads like the target of a link
  },
  // Not properties: where `name` or `train` says it all, there is nothing to add
  requiredToBeDocumented: [
    'Namespace',
    'Function',
    'Class',
    'Interface',
    'TypeAlias',
    'Variable',
    'Method',
    'Accessor',
  ],
  // How a notebook shows things, and what a method and the rest of the library tell each other
  intentionallyNotExported: [
    'lib/data/uci.ts:SETS', // their types list the names
    'lib/distributions/likelihood.ts:kinds',
    'lib/host.ts:Displayable',
    'lib/host.ts:Live',
    'lib/inference/method.ts:Learned',
    'lib/inference/method.ts:Problem',
    'lib/inference/method.ts:Program',
    'lib/inference/laplace/layout.ts:structures',
    'lib/layers/activation.ts:functions',
  ],
};
