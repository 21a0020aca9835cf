import { encodeRemoteWrite, type WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';

export interface PushTarget {
  readonly baseUrl: string;
  readonly tenant: string;
  /** Cortex's unless said otherwise. */
  readonly path?: string;
}

/** Sends a remote write over HTTP; resolves to the status and text of the answer. */
export async function push(
  { baseUrl, tenant, path = '/api/v1/push' }: PushTarget,
  request: WriteRequestMessage,
): Promise<{ status: number; text: string }> {
  const response = await fetch(baseUrl + path, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/x-protobuf',
      'Content-Encoding': 'snappy',
      'X-Prometheus-Remote-Write-Version': '0.1.0',
      'X-Scope-OrgID': tenant,
    },
    body: compressSnappy(encodeRemoteWrite(request)),
  });
  return { status: response.status, text: await response.text() };
}
