import { findAll, type Problem, type Workspace } from '../workspace';

interface Ban {
  readonly paths: RegExp;
  readonly pattern: RegExp;
  readonly message: string;
}

const SOURCES = /^(libs|apps|tools)\/.*\.(tsx?|mjs|cjs)$/;
const SPECS = /\.spec\.tsx?$/;

/** What the linter cannot see, or could be told to overlook. */
const BANS: readonly Ban[] = [
  {
    paths: SOURCES,
    pattern: /eslint-disable(?:-next-line|-line)?\b(?![^\n]*--)/,
    message: 'a rule is switched off without a reason (`-- why`)',
  },
  {
    paths: SOURCES,
    pattern: /eslint-disable[^\n]*(?:worldline\/|@nx\/|no-restricted-|no-new-func|no-eval|no-explicit-any|switch-exhaustiveness)/,
    message: 'a fence is not switched off',
  },
  { paths: SOURCES, pattern: /\/[/*]\s*eslint-disable\s*(?:\*\/)?\s*$/m, message: 'all rules are switched off' },
  { paths: SOURCES, pattern: /@ts-(?:ignore|nocheck)\b/, message: 'the type checker is switched off' },
  { paths: SPECS, pattern: /\b(?:describe|test|it)\.only\b|\b(?:fdescribe|fit)\(/, message: 'a focused test hides the others' },
  { paths: SPECS, pattern: /\b(?:describe|test|it)\.skip\b|\b(?:xdescribe|xit|xtest)\(/, message: 'a skipped test: mend or remove it' },
  { paths: SPECS, pattern: /\bjest\.(?:mock|doMock|unstable_mockModule|setMock)\(/, message: 'no module mocks: use the in-memory adapter' },
  { paths: SPECS, pattern: /(?<!jest\.)\bsetTimeout\(|from 'node:timers\/promises'/, message: 'a test does not sleep' },
  { paths: SPECS, pattern: /\bMath\.random\(|\bDate\.now\(/, message: 'a test draws from a seed and takes its time by argument' },
  { paths: SPECS, pattern: /\.toMatch(?:Inline)?Snapshot\(/, message: 'a golden is a text file that a person reads' },
];

/** Calls and comments that are banned as text. */
export function bannedText(workspace: Workspace): Problem[] {
  return BANS.flatMap(({ paths, pattern, message }) =>
    workspace
      .paths(paths)
      .filter((path) => !path.startsWith('tools/tidy/'))
      .flatMap((path) => findAll(workspace.text(path), pattern).map(({ line }) => ({ path, line, message }))),
  );
}
