/** Our own bugs: an assertion that fails ends the program. Never used for what the user or the simulated network did. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

export function assertNever(value: never): never {
  throw new Error(`unreachable value: ${String(value)}`);
}
