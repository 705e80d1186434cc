const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');

// One jest process for all projects: every folder of apps/ and libs/ that has a jest.config.cjs, and tools/.
const projectsOf = (folder) =>
  existsSync(join(__dirname, folder))
    ? readdirSync(join(__dirname, folder)).map((name) => `${folder}/${name}`)
    : [];
const candidates = [...projectsOf('libs'), ...projectsOf('apps'), 'tools'];

module.exports = {
  projects: candidates.filter((path) => existsSync(join(__dirname, path, 'jest.config.cjs'))).map((path) => `<rootDir>/${path}`),
};
