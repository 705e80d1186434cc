export { kernelEngine } from './simulate/index.js';
export { standardReaders } from './load/index.js';
export type { Readers, ScenarioContext } from './load/index.js';
export { MemoryFiles, NO_METER, OperatingError } from './ports/index.js';
export type { Files, Meter } from './ports/index.js';
export type { Engine, EngineFigures, EngineOptions, EngineRun, Mode, Network, PacketListing, Stats } from './simulate/index.js';
export { compareSides, isPassed, runScenario, traceOne, whatIf } from './use-case/index.js';
export type { CompareRequest, Gate, RunOutcome, RunRequest, Tools, TraceRequest, VariantOutcome, WhatIfOutcome } from './use-case/index.js';
export * from './service/index.js';
