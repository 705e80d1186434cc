const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

// One jest process for all projects: every folder of libs/ and apps/ that has a jest.config.cjs, and tools/.
const foldersIn = (parent) => readdirSync(join(__dirname, parent)).map((name) => `${parent}/${name}`);
const projects = [...foldersIn('libs'), ...foldersIn('apps'), 'tools'];

module.exports = {
  projects: projects.filter((path) => existsSync(join(__dirname, path, 'jest.config.cjs'))).map((path) => `<rootDir>/${path}`),
  reporters: ['default', '<rootDir>/tools/totals-reporter.cjs'],
  maxWorkers: '100%',
};
