module.exports = {
  ...require('../../jest.preset.cjs'),
  displayName: 'platform',
  globalSetup: '<rootDir>/../../tools/services/setup.cjs',
  globalTeardown: '<rootDir>/../../tools/services/teardown.cjs',
};
