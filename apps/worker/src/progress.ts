/** Progress of what is at work, on its way into the store. */
import type { Progress, ProgressFeed } from '@worldline/application';

interface ProgressStore {
  progress(id: string, progress: Progress): Promise<boolean>;
}

/** Stores one piece of progress at a time; what comes meanwhile is old by then. */
export function progressReporter(id: string, store: ProgressStore, feed: ProgressFeed): (progress: Progress) => void {
  let isStoring = false;
  return (progress) => {
    if (isStoring) return;
    isStoring = true;
    store
      .progress(id, progress)
      .then(() => feed.publish(id))
      .catch(() => undefined)
      .finally(() => (isStoring = false));
  };
}
