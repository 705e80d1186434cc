import type { Meter } from '@worldline/application';
export declare const nodeMeter: Meter;
