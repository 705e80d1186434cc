module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'api',
  globalSetup: '<rootDir>/../../tools/services/setup.cjs',
  globalTeardown: '<rootDir>/../../tools/services/teardown.cjs',
  setupFilesAfterEnv: ['<rootDir>/jest.setup.cjs'],
};
