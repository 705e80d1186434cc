/** What an archive may unpack to. A bundle is text; more is a mistake or an attack. */
export interface ArchiveLimits {
  /** All files together. */
  readonly unpackedBytes: number;
  readonly files: number;
  readonly pathBytes: number;
}

export const ARCHIVE_LIMITS: ArchiveLimits = { unpackedBytes: 4 * 1024 ** 3, files: 2_000_000, pathBytes: 1024 };

/** Why an archive is refused, whole: what is left of it would be a guess. */
export class ArchiveFault {
  constructor(
    readonly code: 'BrokenArchive' | 'UnknownArchive' | 'ArchiveTooLarge' | 'UnsafePath' | 'ArchiveLink' | 'DuplicateFile',
    readonly message: string,
    readonly word?: string,
  ) {}
}
