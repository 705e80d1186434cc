export { kernelEngine } from './kernel-engine.js';
export type { Engine, EngineFigures, EngineOptions, EngineRun, Mode, Network, NetworkLink, PacketListing, PathOrigin, PathPlace, RuleCoverage } from './engine.js';
export { PhaseMeter } from './phases.js';
export type { Cost, Phase, Stats } from './phases.js';
export { simulate } from './simulate.js';
export type { Simulation, SimulationInput, SimulationTools } from './simulate.js';
