/** What was dropped, sorted into a bundle and scenarios: an archive, or files whose common root is found by what stands in it. */

export interface DroppedFile {
  /** From the dropped folder's own name on; of a single file its name. */
  readonly path: string;
  readonly file: Blob;
}

export interface Drop {
  readonly archive: DroppedFile | null;
  /** Files of a bundle by their path inside it. */
  readonly files: ReadonlyMap<string, Blob>;
  /** Documents that may be scenarios. */
  readonly documents: readonly DroppedFile[];
}

export const NOTHING_DROPPED: Drop = { archive: null, files: new Map(), documents: [] };

const ARCHIVE = /\.(zip|tar|tgz|tar\.gz)$/i;
/** What stands at the top of a bundle (contract, section 1). */
const TOP = /^((?:[^/]+\/)*?)(?:cluster\.yaml|(?:kubernetes|nodes|pods|externals)\/.+)$/;

/** Sorts files; the last archive wins over an earlier one, as a second drop replaces the first. */
export function sortDrop(files: readonly DroppedFile[]): Drop {
  const archive = files.findLast(({ path }) => ARCHIVE.test(path)) ?? null;
  const root = shortest(files.flatMap(({ path }) => TOP.exec(path)?.[1] ?? []));
  const inBundle = files.filter(({ path }) => root !== null && path.startsWith(root) && TOP.exec(path.slice(root.length))?.[1] === '');
  const documents = files.filter((one) => /\.ya?ml$|\.json$/i.test(one.path) && !inBundle.includes(one));
  return { archive, files: new Map(inBundle.map(({ path, file }) => [path.slice((root as string).length), file])), documents };
}

/** A later drop adds to an earlier one: first the bundle, then the scenario, or the other way round. */
export function joinDrops(before: Drop, next: Drop): Drop {
  const hasBundle = next.archive !== null || next.files.size > 0;
  return { archive: hasBundle ? next.archive : before.archive, files: hasBundle ? next.files : before.files, documents: next.documents.length > 0 ? next.documents : before.documents };
}

/** The media type that the service knows an archive by. */
export function mediaTypeOf(name: string): string {
  if (/\.zip$/i.test(name)) return 'application/zip';
  return /\.tar$/i.test(name) ? 'application/x-tar' : 'application/gzip';
}

function shortest(words: readonly string[]): string | null {
  return words.reduce<string | null>((found, word) => (found === null || word.length < found.length ? word : found), null);
}
