import { kernelEngine, standardReaders } from '@worldline/application';
import type { Files, Tools } from '@worldline/application';
import { nodeHash, nodeMeter } from './adapters/index.js';

/** The real thing: files of this machine, the readers, the engine. */
export function createTools(files: Files): Tools {
  return { files, readers: standardReaders(nodeHash), engine: kernelEngine, hash: nodeHash, meter: nodeMeter };
}
