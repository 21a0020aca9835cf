import { quoteGo } from '../model/go-quote.ts';
import { isLegacyLabelName } from '../model/labels.ts';
import { parsePrometheusDuration } from './durations.ts';
import type { Fields, Shape } from './go-yaml-reader.ts';

/** Shapes that several parts of a configuration have in common. */

export const text: Shape = { kind: 'text' };
export const bool: Shape = { kind: 'bool' };
export const any: Shape = { kind: 'any' };
/** Go's `time.Duration`. */
export const goDuration: Shape = { kind: 'duration' };
export const texts: Shape = { kind: 'list', of: text };
export const textMap: Shape = { kind: 'map', of: text };
export const unsigned: Shape = { kind: 'integer', type: 'uint64' };

/** Prometheus's durations: `5m`, `1d`. */
export const duration: Shape = {
  kind: 'text',
  check: (written) => {
    const result = parsePrometheusDuration(written);
    return typeof result === 'number' ? undefined : result;
  },
};

/** A Go duration that reads itself. */
export const textDuration: Shape = {
  kind: 'text',
  check: (written) => {
    if (/^[-+]?((\d+\.?\d*|\.\d+)(ns|us|µs|ms|s|m|h))+$|^[-+]?0$/.test(written)) return undefined;
    if (/^[-+]?(\d+\.?\d*|\.\d+)+$/.test(written)) return `time: missing unit in duration ${quoteGo(written)}`;
    return `time: invalid duration ${quoteGo(written)}`;
  },
};

export const url: Shape = { kind: 'text', check: urlProblem };

/** A URL that is not shown again; `<secret>` stands for one that was not shown. */
export const secretUrl: Shape = {
  kind: 'text',
  check: (written) => (written === '<secret>' ? undefined : urlProblem(written)),
};

/** A URL that may be a template. */
export const templateUrl: Shape = {
  kind: 'text',
  check: (written) => {
    if (written === '' || written === '<secret>' || written.includes('{{')) return undefined;
    const problem = urlProblem(written);
    return problem && `invalid URL: ${problem}`;
  },
};

export const hostPort: Shape = {
  kind: 'text',
  check: (written) => {
    if (written === '') return undefined;
    const parts = /^(\[[^\]]*\]|[^:]*):([^:]*)$/.exec(written);
    if (!parts) return `address ${written}: ${written.includes(':') ? 'too many colons' : 'missing port'} in address`;
    return parts[2] === '' ? `address ${quoteGo(written)}: port cannot be empty` : undefined;
  },
};

function urlProblem(written: string): string | undefined {
  const [, scheme, host] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/([^/?#]*))?/.exec(written)!;
  if (scheme === undefined && /^[^/?#]*:/.test(written)) {
    return written.startsWith(':')
      ? `parse ${quoteGo(written)}: missing protocol scheme`
      : `parse ${quoteGo(written)}: first path segment in URL cannot contain colon`;
  }
  const lower = (scheme ?? '').toLowerCase();
  if (lower !== 'http' && lower !== 'https') return `unsupported scheme ${quoteGo(lower)} for URL`;
  return host ? undefined : 'missing host for URL';
}

const tlsVersion: Shape = {
  kind: 'text',
  check: (written) => (/^TLS1[0-3]$/.test(written) ? undefined : `unknown TLS version: ${written}`),
};

export const tlsConfig: Shape = {
  kind: 'struct',
  type: 'config.plain',
  fields: {
    ...namedTexts('ca cert key ca_file cert_file key_file ca_ref cert_ref key_ref server_name'),
    insecure_skip_verify: bool,
    min_version: tlsVersion,
    max_version: tlsVersion,
  },
};

const proxyFields = {
  proxy_url: text,
  no_proxy: text,
  proxy_from_environment: bool,
  proxy_connect_header: { kind: 'map', of: texts },
} as const satisfies Record<string, Shape>;

const header: Shape = {
  kind: 'struct',
  type: 'config.Header',
  fields: { values: texts, secrets: texts, files: texts },
};

export const httpConfig: Shape = {
  kind: 'struct',
  type: 'config.plain',
  fields: {
    basic_auth: {
      kind: 'struct',
      type: 'config.plain',
      fields: namedTexts('username username_file username_ref password password_file password_ref'),
    },
    authorization: {
      kind: 'struct',
      type: 'config.Authorization',
      fields: namedTexts('type credentials credentials_file credentials_ref'),
    },
    oauth2: {
      kind: 'struct',
      type: 'config.plain',
      fields: {
        ...namedTexts('client_id client_secret client_secret_file client_secret_ref client_certificate_key_id'),
        ...namedTexts('client_certificate_key client_certificate_key_file client_certificate_key_ref grant_type'),
        ...namedTexts('signature_algorithm iss audience token_url'),
        claims: { kind: 'map', of: any },
        scopes: texts,
        endpoint_params: textMap,
        tls_config: tlsConfig,
        ...proxyFields,
      },
    },
    bearer_token: text,
    bearer_token_file: text,
    tls_config: tlsConfig,
    follow_redirects: bool,
    enable_http2: bool,
    ...proxyFields,
    http_headers: { kind: 'map', of: header },
  },
  check: httpConfigProblem,
};

function httpConfigProblem(config: Fields): string | undefined {
  const [basic, authorization, oauth2] = ['basic_auth', 'authorization', 'oauth2'].map((name) =>
    structAt(config, name),
  );
  const hasBearer = isSet(config, 'bearer_token') || isSet(config, 'bearer_token_file');
  if (isSet(config, 'bearer_token') && isSet(config, 'bearer_token_file')) {
    return 'at most one of bearer_token & bearer_token_file must be configured';
  }
  if ((basic || oauth2) && hasBearer) {
    return 'at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be configured';
  }
  for (const name of ['username', 'password']) {
    if (countSet(basic, name, `${name}_file`, `${name}_ref`) > 1) {
      return `at most one of basic_auth ${name}, ${name}_file & ${name}_ref must be configured`;
    }
  }
  if (authorization) {
    if (hasBearer) return 'authorization is not compatible with bearer_token & bearer_token_file';
    if (countSet(authorization, 'credentials', 'credentials_file', 'credentials_ref') > 1) {
      return 'at most one of authorization credentials & credentials_file must be configured';
    }
    if (textAt(authorization, 'type').trim().toLowerCase() === 'basic') {
      return 'authorization type cannot be set to "basic", use "basic_auth" instead';
    }
    if (basic || oauth2) return 'at most one of basic_auth, oauth2 & authorization must be configured';
  }
  if (!oauth2) return undefined;
  if (basic) return 'at most one of basic_auth, oauth2 & authorization must be configured';
  if (!isSet(oauth2, 'client_id')) return 'oauth2 client_id must be configured';
  if (!isSet(oauth2, 'token_url')) return 'oauth2 token_url must be configured';
  if (countSet(oauth2, 'client_secret', 'client_secret_file', 'client_secret_ref') > 1) {
    return 'at most one of oauth2 client_secret, client_secret_file & client_secret_ref must be configured using grant-type=client_credentials';
  }
  return undefined;
}

/** Texts by these names, separated by spaces. */
export function namedTexts(names: string): Record<string, Shape> {
  return Object.fromEntries(names.split(' ').map((name) => [name, text]));
}

/** What a label map's names must be. */
export function labelNameProblem(labels: Fields): string | undefined {
  const bad = Object.keys(labels).find((name) => !isLegacyLabelName(name));
  return bad === undefined ? undefined : `invalid label name ${quoteGo(bad)}`;
}

/** A text that is set to something. */
export function isSet(fields: Fields | undefined, name: string): boolean {
  return fields?.[name] !== undefined && fields[name] !== '';
}

export function countSet(fields: Fields | undefined, ...names: readonly string[]): number {
  return names.filter((name) => isSet(fields, name)).length;
}

export function textAt(fields: Fields, name: string): string {
  return (fields[name] as string | undefined) ?? '';
}

export function structAt(fields: Fields, name: string): Fields | undefined {
  return fields[name] as Fields | undefined;
}

/** Items that are null are undefined. */
export function listAt<Item>(fields: Fields, name: string): readonly Item[] {
  return (fields[name] as readonly Item[] | undefined) ?? [];
}
