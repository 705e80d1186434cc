/** What the launcher knows about the installation. */
export interface Host {
  version: string;
  /** Absolute path of the checkout. */
  root: string;
}

/** Runs one command line (without the program's name) and returns its exit code. */
export async function main(args: readonly string[], host: Host): Promise<number> {
  if (args[0] === '--version') {
    process.stdout.write(`${host.version}\n`);
    return 0;
  }
  process.stderr.write(`worldline: unknown command '${args[0] ?? ''}'\n`);
  return 2;
}
