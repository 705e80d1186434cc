/** What a simulation leaves and was not stored: it is run again, off the event loop. */
import { Controller, Get, Inject, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BACKEND } from '../backend.js';
import type { Backend } from '../backend.js';
import { answered } from './answered.js';

@Controller('simulations')
export class ReplayController {
  constructor(@Inject(BACKEND) private readonly backend: Backend) {}

  /** The files that `worldline run --after` writes. */
  @Get(':id/after')
  async after(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    sendArchive(reply, answered(await this.backend.replays.after(id)), `after-${id}`);
  }

  /** The files that `worldline run --pcap` writes. */
  @Get(':id/pcap')
  async pcap(@Param('id') id: string, @Res() reply: FastifyReply): Promise<void> {
    sendArchive(reply, answered(await this.backend.replays.pcap(id)), `pcap-${id}`);
  }
}

function sendArchive(reply: FastifyReply, bytes: Uint8Array, name: string): void {
  void reply.header('content-disposition', `attachment; filename="${name}.tar.gz"`).type('application/gzip').send(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}
