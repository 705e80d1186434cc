/** Exit codes. */
export const EXIT_PASSED = 0;
export const EXIT_FAILED = 1;
export const EXIT_REFUSED = 2;
export const EXIT_NOT_COMPLETED = 3;

export type ExitCode = typeof EXIT_PASSED | typeof EXIT_FAILED | typeof EXIT_REFUSED | typeof EXIT_NOT_COMPLETED;
