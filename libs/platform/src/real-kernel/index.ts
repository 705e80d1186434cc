export { NamespacedKernel, recorderFolder, whyNotProvable } from './namespaced-kernel.js';
