import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores([
    '**/dist/',
    '.dist-*/',
    '**/.venv/',
    'extension/lib/',
    'extension/credence_lab/',
    'test-output/',
    'docs/api/',
    'notebooks/',
  ]),
  // Every rule holds everywhere: an exception is written down here, where all can see it, and not beside the code
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.recommendedTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    files: ['**/*.ts', '**/*.tsx'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      parserOptions: { project: './scripts/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
  },
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'no-warning-comments': 'error',
      'prefer-template': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { args: 'all', argsIgnorePattern: '^_' }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // The compiler checks indices (noUncheckedIndexedAccess); in numeric loops `x[i]!` says that i is in range
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // `import x = require('x')` is checked by the compiler and is how a CommonJS package is typed
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      // Objects are records of closures here, free to be taken apart; the few classes are used as they are
      '@typescript-eslint/unbound-method': 'off',
      // process.env['NAME'] shows that the name is data
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
    },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    // tfjs's backends and kernels register themselves when they are loaded, and may be only when they are to be used
    files: ['lib/engine/**'],
    rules: {
      '@typescript-eslint/no-require-imports': [
        'error',
        {
          allowAsImport: true,
          allow: ['^@tensorflow/tfjs-node-gpu/dist/', '^@tensorflow/tfjs-backend-wasm$'],
        },
      ],
    },
  },
);
