/** Errors as system calls return them: negative numbers, include/uapi/asm-generic/errno*.h. */
export const EPERM = -1;
export const EACCES = -13;
export const EINVAL = -22;
export const EMSGSIZE = -90;
export const EPROTO = -71;
export const ENONET = -64;
export const EOPNOTSUPP = -95;
export const EADDRINUSE = -98;
export const EADDRNOTAVAIL = -99;
export const ENETUNREACH = -101;
const ENOBUFS = -105;
export const ETIMEDOUT = -110;
export const ECONNREFUSED = -111;
export const ECONNRESET = -104;
export const EHOSTDOWN = -112;
export const EHOSTUNREACH = -113;
export const ENOPROTOOPT = -92;

const NAMES: Readonly<Record<number, string>> = {
  [EPERM]: 'EPERM',
  [EACCES]: 'EACCES',
  [EINVAL]: 'EINVAL',
  [EMSGSIZE]: 'EMSGSIZE',
  [EPROTO]: 'EPROTO',
  [ENONET]: 'ENONET',
  [EOPNOTSUPP]: 'EOPNOTSUPP',
  [EADDRINUSE]: 'EADDRINUSE',
  [EADDRNOTAVAIL]: 'EADDRNOTAVAIL',
  [ENETUNREACH]: 'ENETUNREACH',
  [ENOBUFS]: 'ENOBUFS',
  [ETIMEDOUT]: 'ETIMEDOUT',
  [ECONNREFUSED]: 'ECONNREFUSED',
  [ECONNRESET]: 'ECONNRESET',
  [EHOSTDOWN]: 'EHOSTDOWN',
  [EHOSTUNREACH]: 'EHOSTUNREACH',
  [ENOPROTOOPT]: 'ENOPROTOOPT',
};

/** The C name of an error. */
export function errnoName(error: number): string {
  return NAMES[error] ?? `E${-error}`;
}
