// Jest's globalTeardown of the same projects: the services end with their input, whoever comes first.
module.exports = async () => {
  const services = globalThis.worldlineServices;
  services?.child.stdin.end();
  await services?.exit;
};
