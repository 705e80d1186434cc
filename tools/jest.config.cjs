const preset = require('../jest.preset.cjs');

// The tools' own dependencies are CommonJS and large (TypeScript): nothing to rewrite.
module.exports = { ...preset, displayName: 'tools', transformIgnorePatterns: ['/node_modules/'] };
