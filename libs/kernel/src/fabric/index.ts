export { Network, type NetworkListener } from './network.js';
export { Segment, SegmentTable, type Attachment } from './segment.js';
