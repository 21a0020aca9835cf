import { encodeRemoteWrite, type WriteRequestMessage } from '../../src/wire/remote-write-encode.ts';
import { compressSnappy } from '../../src/wire/snappy.ts';

export interface PushTarget {
  readonly baseUrl: string;
  readonly tenant: string;
}

/** Sends a remote write over HTTP; resolves to the status and text of the answer. */
export async function push(
  { baseUrl, tenant }: PushTarget,
  request: WriteRequestMessage,
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${baseUrl}/api/v1/push`, {
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
