import type { FastifyReply } from 'fastify';
import type { PushOutcome } from '../ingest/distributor.ts';

/** With `-pocket.ingest=lenient`: what Cortex would have answered to a push that was taken. */
export const WOULD_REFUSE_HEADER = 'x-pocket-cortex-would-refuse';

/** Headers of a common length; the journal has the whole text. */
const HEADER_LIMIT_CHARACTERS = 2000;

/** `400 user=…: …`, for which a header has to be one line of ASCII. */
export function tellWouldRefuse(reply: FastifyReply, { wouldRefuse }: PushOutcome): void {
  if (wouldRefuse === undefined) return;
  const text = `${wouldRefuse.status} ${wouldRefuse.message}`;
  wholeTexts.set(reply, text);
  reply.header(WOULD_REFUSE_HEADER, text.slice(0, HEADER_LIMIT_CHARACTERS).replace(/[^ -~]/g, '?'));
}

const wholeTexts = new WeakMap<FastifyReply, string>();

/** What the header says of an answer, in full. */
export function wouldRefuseOf(reply: FastifyReply): string | undefined {
  return wholeTexts.get(reply);
}
