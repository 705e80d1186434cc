import type { HashText } from '@worldline/model';
import type { LoadTools } from '../load/index.js';
import type { Meter } from '../ports/index.js';
import type { Engine } from '../simulate/index.js';

/** Everything a use case needs from outside. */
export interface Tools extends LoadTools {
  readonly engine: Engine;
  readonly hash: HashText;
  readonly meter: Meter;
  /** Called now and then while a simulation runs. */
  readonly onProgress?: (done: number, of: number) => void;
}
