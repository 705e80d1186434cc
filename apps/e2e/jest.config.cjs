module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'e2e',
  // Plain CommonJS of two megabytes: nothing to rewrite.
  transformIgnorePatterns: ['/node_modules/playwright-core/'],
  globalSetup: '<rootDir>/../../tools/services/setup.cjs',
  globalTeardown: '<rootDir>/../../tools/services/teardown.cjs',
  setupFilesAfterEnv: ['<rootDir>/jest.setup.cjs'],
};
