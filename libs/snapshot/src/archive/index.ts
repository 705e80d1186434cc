export { readArchive, writeTarGz, writeZip } from './archive.js';
export { ARCHIVE_LIMITS, type ArchiveLimits } from './limits.js';
