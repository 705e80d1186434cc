import { Module } from '@nestjs/common';
import { SimulationController } from './simulation.controller.js';
import { SimulationResolver } from './simulation.resolver.js';

@Module({ controllers: [SimulationController], providers: [SimulationResolver] })
export class SimulationModule {}
