import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { storeArchive, storeSnapshot, treeOfTopology } from '@worldline/application';
import { topologySchema } from '@worldline/contract';
import type { SnapshotAnswer } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { accepted, notFound, parseBody } from '../http/index.js';
import { snapshotAnswer } from './snapshot.mapper.js';

@Controller('snapshots')
export class SnapshotController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  /** A bundle as archive, told by its first bytes, or as JSON. The same content twice is the same snapshot, and 201 both times. */
  @Post()
  @HttpCode(201)
  async create(@Req() request: FastifyRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<SnapshotAnswer> {
    const { body } = request;
    const submission = body instanceof Uint8Array ? await storeArchive(body, this.backend) : await storeSnapshot(treeOfTopology(parseBody(topologySchema, body) as Readonly<Record<string, Json>>), this.backend);
    const answer = snapshotAnswer(accepted(submission).record);
    void reply.header('location', answer.links.self);
    return answer;
  }

  @Get(':digest')
  async get(@Param('digest') digest: string): Promise<SnapshotAnswer> {
    const [record] = await this.backend.stores.snapshots.get([digest]);
    if (!record) throw notFound('snapshot', digest);
    return snapshotAnswer(record);
  }
}
