/** The rooms of a library, lowest first: a room imports only the rooms before it. */
export const ROOMS = {
  'libs/kernel': [
    'packet',
    'record',
    'sysctl',
    'interface',
    'routing',
    'socket',
    'conntrack',
    'netfilter',
    'link',
    'machine',
    'fabric',
    'cache',
    'compile',
    'command',
    'dump',
    'run',
  ],
};
