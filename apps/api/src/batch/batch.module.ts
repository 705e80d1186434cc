import { Module } from '@nestjs/common';
import { BatchController } from './batch.controller.js';
import { BatchResolver } from './batch.resolver.js';

@Module({ controllers: [BatchController], providers: [BatchResolver] })
export class BatchModule {}
