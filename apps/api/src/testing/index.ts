export { serviceOn } from './memory-backend.js';
export { runApp } from './running-app.js';
export type { Answer, RunningApp } from './running-app.js';
export { caseBatch, caseFiles, caseScenario } from './stored-cases.js';
export { filesOfTarGz, tar, tarGz } from './tar.js';
