/** A simulation as it comes along: read once, then again whenever the service says that something changed. */
import type { SimulationAnswer, SimulationEvent } from '@worldline/contract';
import { useEffect, useState } from 'react';
import { useRest } from '../../query/index.js';
import type { Asked } from '../../query/index.js';

const ENDINGS = ['succeeded', 'failed', 'canceled'] as const;

export function useSimulation(id: string): Asked<SimulationAnswer> {
  const [version, setVersion] = useState(0);
  const [event, setEvent] = useState<SimulationEvent | null>(null);
  const asked = useRest<SimulationAnswer>(`/simulations/${encodeURIComponent(id)}`, version);
  const isUnderWay = asked.data?.id === id && (asked.data.status === 'queued' || asked.data.status === 'running');
  useEffect(() => {
    if (!isUnderWay) return undefined;
    const source = new EventSource(`/simulations/${encodeURIComponent(id)}/events`);
    source.addEventListener('progress', ({ data }: MessageEvent<string>) => setEvent(JSON.parse(data) as SimulationEvent));
    const end = (): void => {
      source.close();
      setVersion((before) => before + 1);
    };
    for (const ending of ENDINGS) source.addEventListener(ending, end);
    return () => source.close();
  }, [id, isUnderWay]);
  if (!asked.data || !isUnderWay || event?.id !== id) return asked;
  return { ...asked, data: { ...asked.data, status: event.status, progress: event.progress } };
}
