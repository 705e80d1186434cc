import { builtinModules } from 'node:module';

const globals = (names, why) => names.map((name) => ({ name, message: why }));

/** Syntax that is wrong in every project. */
export const SYNTAX_BANS = [
  { selector: 'TSEnumDeclaration', message: 'A union of string literals instead of an enum.' },
  { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
];

/** Of Date only calendar arithmetic is left: `Date.UTC(...)`, `new Date(ms)` and the UTC getters. */
const DATE_BANS = [
  ['NewExpression[callee.name="Date"][arguments.length!=1]', 'Time comes by argument, and without a local time zone.'],
  ['CallExpression[callee.name="Date"]', 'Time comes by argument.'],
  ['MemberExpression[object.name="Date"][property.name!="UTC"]', 'Time comes by argument.'],
  ['VariableDeclarator[init.name="Date"]', 'Time comes by argument.'],
  ['MemberExpression[property.name=/^(get|set)(Hours|Day|Date|Month|FullYear|Minutes|TimezoneOffset)$/]', 'UTC only: no local time zone.'],
].map(([selector, message]) => ({ selector, message }));

const SYNTAX_RULE = ['error', ...SYNTAX_BANS, ...DATE_BANS];

/** Nothing in these layers waits for anything, so there are no promises to lose: the two rules that look for them cost a full type check. */
export const NO_PROMISES = {
  'no-restricted-syntax': [
    ...SYNTAX_RULE,
    { selector: ':function[async=true]', message: 'Nothing here waits.' },
    { selector: 'Identifier[name="Promise"]', message: 'Nothing here waits.' },
  ],
  '@typescript-eslint/no-floating-promises': 'off',
  '@typescript-eslint/no-misused-promises': 'off',
};

/** Rules for the core libraries, whose results depend on their arguments alone. */
export const CORE_BANS = {
  'no-restricted-imports': [
    'error',
    {
      paths: builtinModules.filter((name) => !name.startsWith('_')).map((name) => ({ name, message: 'The core uses no Node built-ins.' })),
      patterns: [{ group: ['node:*'], message: 'The core uses no Node built-ins.' }],
    },
  ],
  'no-restricted-globals': [
    'error',
    ...globals(['performance', 'Temporal'], 'Time comes by argument.'),
    ...globals(
      ['setTimeout', 'setInterval', 'setImmediate', 'clearTimeout', 'clearInterval', 'clearImmediate', 'queueMicrotask', 'requestAnimationFrame'],
      'The core sets no timers: events stand in the run queue.',
    ),
    ...globals(['crypto'], 'Randomness and digests come by argument.'),
    ...globals(['console'], 'The core returns what it has to say.'),
    ...globals(['process', 'Buffer', 'require', 'global', 'fetch', 'navigator', 'window', 'document'], 'The core runs anywhere.'),
    ...globals(['Intl'], 'The same on every machine: no locales.'),
    ...globals(['WeakRef', 'FinalizationRegistry'], 'Nothing may depend on garbage collection.'),
  ],
  'no-restricted-syntax': SYNTAX_RULE,
  'no-restricted-properties': [
    'error',
    { object: 'Math', property: 'random', message: 'Randomness comes by argument.' },
    ...['Date', 'performance', 'crypto', 'process', 'console'].map((property) => ({ object: 'globalThis', property, message: 'Not in the core.' })),
    ...['localeCompare', 'toLocaleString', 'toLocaleLowerCase', 'toLocaleUpperCase'].map((property) => ({
      property,
      message: 'The same on every machine: no locales.',
    })),
  ],
};
