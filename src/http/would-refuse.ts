import type { FastifyReply } from 'fastify';
import type { PushOutcome } from '../ingest/distributor.ts';

/** With `-pocket.ingest=lenient`: what Cortex would have answered to a push that was taken. */
export const WOULD_REFUSE_HEADER = 'x-pocket-cortex-would-refuse';

/** Headers of a common length; the journal has the whole text. */
const HEADER_LIMIT_CHARACTERS = 2000;

/** `400 user=…: …`, for which a header has to be one line of ASCII. */
export function tellWouldRefuse(reply: FastifyReply, { wouldRefuse }: PushOutcome): void {
  if (wouldRefuse === undefined) return;
  const text = `${wouldRefuse.status} ${wouldRefuse.message}`.slice(0, HEADER_LIMIT_CHARACTERS);
  reply.header(WOULD_REFUSE_HEADER, text.replace(/[^ -~]/g, '?'));
}
