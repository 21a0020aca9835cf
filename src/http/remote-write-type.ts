const PROTOBUF = 'application/x-protobuf';
const WRITE_V1 = 'prometheus.WriteRequest';
const WRITE_V2 = 'io.prometheus.write.v2.Request';

export interface RemoteWriteTypeOptions {
  readonly remoteWriteV2Enabled: boolean;
  /** An unknown type is taken for version 1. */
  readonly acceptUnknownRemoteWriteContentType: boolean;
}

/** Which message a push says that it is. */
export type RemoteWriteType =
  | { readonly kind: 'message'; readonly version: 1 | 2 }
  /** `text` is Cortex's. */
  | { readonly kind: 'refused'; readonly text: string };

/** Reads the content type of a push; none at all is version 1. */
export function remoteWriteType(contentType: string | undefined, options: RemoteWriteTypeOptions): RemoteWriteType {
  if (contentType === undefined || contentType === '') return V1;
  const type = parse(contentType);
  if (type.kind === 'refused' && options.acceptUnknownRemoteWriteContentType) return V1;
  return type;
}

/** Said when the encoding of the body was looked at, too. */
export const V2_REFUSAL = `${WRITE_V2} protobuf message is not accepted by this server; only accepts ${WRITE_V1}`;

const V1: RemoteWriteType = { kind: 'message', version: 1 };

function parse(contentType: string): RemoteWriteType {
  const whole = contentType.trim();
  const [mediaType, ...parameters] = whole.split(';');
  if (mediaType !== PROTOBUF) {
    return refused(`expected ${PROTOBUF} as the first (media) part, got ${whole} content-type`);
  }
  for (const parameter of parameters) {
    const pair = parameter.split('=');
    if (pair.length !== 2) {
      return refused(
        `as per https://www.rfc-editor.org/rfc/rfc9110#parameter expected parameters to be key-values, got ${parameter} in ${whole} content-type`,
      );
    }
    if (pair[0] === 'proto') return message(pair[1]!, whole);
  }
  return V1;
}

function message(name: string, contentType: string): RemoteWriteType {
  if (name === WRITE_V1) return V1;
  if (name === WRITE_V2) return { kind: 'message', version: 2 };
  return refused(
    `got ${contentType} content type; unknown type for remote write protobuf message ${name}, supported: ${WRITE_V1}, ${WRITE_V2}`,
  );
}

function refused(text: string): RemoteWriteType {
  return { kind: 'refused', text };
}
