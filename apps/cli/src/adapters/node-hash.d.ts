import type { HashText } from '@worldline/model';
export declare const nodeHash: HashText;
