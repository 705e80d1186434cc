import { Module } from '@nestjs/common';
import { ComparisonController } from './comparison.controller.js';
import { ComparisonResolver } from './comparison.resolver.js';

@Module({ controllers: [ComparisonController], providers: [ComparisonResolver] })
export class ComparisonModule {}
