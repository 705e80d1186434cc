import { Controller, Get, HttpCode, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { snapshotArchive, storeArchive, storeSnapshot, treeOfTopology } from '@worldline/application';
import { topologySchema } from '@worldline/contract';
import type { SnapshotAnswer } from '@worldline/contract';
import type { Json } from '@worldline/model';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { accepted, mediaTypeOf, notFound, parseBody } from '../http/index.js';
import { archiveName, snapshotAnswer } from './snapshot.mapper.js';

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

  /** What is known of it, or by `Accept` the bundle itself. */
  @Get(':digest')
  async get(@Param('digest') digest: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const type = mediaTypeOf(request, ['application/json', 'application/gzip']);
    const [record] = await this.backend.stores.snapshots.get([digest]);
    if (!record) throw notFound('snapshot', digest);
    void reply.header('vary', 'accept');
    if (type === 'application/json') return void reply.send(snapshotAnswer(record));
    const archive = (await snapshotArchive(digest, this.backend.stores)) as Uint8Array;
    void reply.type(type).header('content-disposition', `attachment; filename="${archiveName(digest)}"`).send(Buffer.from(archive));
  }
}
