/** Named limits of a run. What meets one ends as LimitReached; nothing is cut off in silence. */

/** Frames moved and sockets served within one instant. A broadcast storm or a loop without TTL meets it. */
export const MAX_MOVES_PER_INSTANT = 2_000_000;
/** Branches that explore follows for one connection; what is left over is a path of its own with the rest of the probability. */
export const MAX_BRANCHES = 4096;
/** Choices on one branch. */
export const MAX_CHOICES = 512;

/** A run without `duration` ends this long after the last scheduled packet, event or client timer; microseconds. */
export const SETTLE_TIME = 400_000;
