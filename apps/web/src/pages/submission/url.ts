/** A new simulation: files cannot stand in an address, so there is no state in it. */
export const SUBMISSION_PATH = '/explorer/new';
