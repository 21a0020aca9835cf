/** Why a metric cannot be translated; the others of its request still are. `message` is the text of Prometheus's converter. */
export class TranslationError extends Error {
  override readonly name = 'TranslationError';
}
