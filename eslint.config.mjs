import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';
import { CORE_BANS, NO_PROMISES, SYNTAX_BANS } from './tools/lint/core-bans.mjs';
import { CORE_LAYERS, LAYERS_WITHOUT_PACKAGES, boundaries } from './tools/lint/layers.mjs';
import { projectGraph } from './tools/lint/project-graph.mjs';
import { roomOrder } from './tools/lint/room-order.mjs';

const SOURCES = ['libs/*/src/**/*.{ts,tsx}', 'apps/*/src/**/*.{ts,tsx}', 'tools/**/*.ts'];
const SPECS = ['**/*.spec.ts', '**/*.spec.tsx'];
const moduleBoundaries = (isSpec) => ({
  '@nx/enforce-module-boundaries': ['error', { allow: [], enforceBuildableLibDependency: false, depConstraints: boundaries({ isSpec }) }],
});

export default tseslint.config(
  { ignores: ['**/node_modules/', '**/dist/', '**/coverage/', '.nx/', 'scenarios/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    files: SOURCES,
    extends: [tseslint.configs.recommended, tseslint.configs.stylistic],
    plugins: { '@nx': nx, worldline: { rules: { 'project-graph': projectGraph, 'room-order': roomOrder } } },
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      ...moduleBoundaries(false),
      'worldline/project-graph': 'error',
      'worldline/room-order': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-param-reassign': 'off',
      'max-params': 'off',
      'prefer-const': 'error',
      'no-restricted-syntax': ['error', ...SYNTAX_BANS],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-indexed-object-style': 'off',
      '@typescript-eslint/prefer-for-of': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false, allowDefaultCaseForExhaustiveSwitch: true },
      ],
      'no-control-regex': 'off',
      'no-constant-condition': ['error', { checkLoops: false }],
    },
  },
  {
    files: CORE_LAYERS.map((layer) => `libs/${layer}/src/**/*.ts`),
    ignores: SPECS,
    rules: CORE_BANS,
  },
  { files: LAYERS_WITHOUT_PACKAGES.map((layer) => `libs/${layer}/src/**/*.ts`), ignores: SPECS, rules: NO_PROMISES },
  { files: ['libs/kernel/src/compile/**/*.ts'], rules: { 'no-new-func': 'off', 'no-implied-eval': 'off' } },
  { files: SPECS, rules: moduleBoundaries(true) },
  {
    files: ['**/*.{mjs,cjs,js}'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable', require: 'readonly', __dirname: 'readonly', URL: 'readonly', setTimeout: 'readonly', clearTimeout: 'readonly' } },
  },
);
