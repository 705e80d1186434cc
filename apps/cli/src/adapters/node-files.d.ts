import type { Files } from '@worldline/application';
import { type FileTree } from '@worldline/snapshot';
import type { Parsed } from '@worldline/model';
/** Files of this machine. Messages name paths as the user wrote them. */
export declare class NodeFiles implements Files {
    private readonly folder;
    /** `folder` is what relative paths are relative to. */
    constructor(folder?: string);
    readText(path: string): Promise<Parsed<string>>;
    readTree(path: string): Promise<Parsed<FileTree>>;
    resolve(base: string, path: string): string;
    writeFile(path: string, content: Uint8Array | string): Promise<void>;
    writeTree(path: string, tree: ReadonlyMap<string, Uint8Array | string>): Promise<void>;
    private tree;
    private read;
    private readFolder;
    private absolute;
    private attempt;
}
