import { Module } from '@nestjs/common';
import { SnapshotController } from './snapshot.controller.js';
import { SnapshotResolver } from './snapshot.resolver.js';

@Module({ controllers: [SnapshotController], providers: [SnapshotResolver] })
export class SnapshotModule {}
