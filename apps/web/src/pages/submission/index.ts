export { SubmissionPage } from './page.js';
export { SUBMISSION_PATH } from './url.js';
