import type { Files, Tools } from '@worldline/application';
/** The real thing: files of this machine, the readers, the engine. */
export declare function createTools(files: Files): Tools;
