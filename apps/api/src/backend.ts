/** What this process stands on. Who starts it brings the adapters: Postgres and BullMQ, or those in memory. */
import type { ServiceTools } from '@worldline/application';
import type { BodyLimits } from './http/index.js';

export type Backend = ServiceTools;

export interface ApiOptions {
  readonly limits: BodyLimits;
  /** Folder of the built explorer; null: there is none. */
  readonly explorer: string | null;
  /** Whether queries can be tried out in the browser: on loopback only. */
  readonly hasGraphiql: boolean;
  /** Lines of JSON on standard error; false: none. */
  readonly log: false | { readonly level: string };
}

export const BACKEND = Symbol('backend');
export const API_OPTIONS = Symbol('api options');
