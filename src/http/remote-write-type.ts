const PROTOBUF = 'application/x-protobuf';
const WRITE_V1 = 'prometheus.WriteRequest';
const WRITE_V2 = 'io.prometheus.write.v2.Request';

/** What Cortex has against a content type as that of a remote-write 1.0 request; none at all is one. */
export function contentTypeRefusal(contentType: string | undefined): string | undefined {
  if (contentType === undefined || contentType === '') return undefined;
  const whole = contentType.trim();
  const [mediaType, ...parameters] = whole.split(';');
  if (mediaType !== PROTOBUF) return `expected ${PROTOBUF} as the first (media) part, got ${whole} content-type`;
  for (const parameter of parameters) {
    const pair = parameter.split('=');
    if (pair.length !== 2) {
      return `as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got ${parameter} in ${whole} content-type`;
    }
    if (pair[0] === 'proto') return messageRefusal(pair[1]!, whole);
  }
  return undefined;
}

function messageRefusal(message: string, contentType: string): string | undefined {
  if (message === WRITE_V1) return undefined;
  if (message === WRITE_V2) {
    return `${WRITE_V2} protobuf message is not accepted by this server; only accepts ${WRITE_V1}`;
  }
  return `got ${contentType} content type; unknown type for remote write protobuf message ${message}, supported: ${WRITE_V1}, ${WRITE_V2}`;
}
