import type { Clock } from '../../model/clock.ts';
import { PocketCortexError } from '../../model/errors.ts';
import { quoteGo } from '../../model/go-quote.ts';
import type { NotifierLogger, NotifierSettings } from './notifier-settings.ts';

/** One entry of `-ruler.alertmanager-url`, which may stand for several servers. */
export interface AlertmanagerAddress {
  readonly scheme: 'http' | 'https';
  /** With its port, if it names one; under discovery the name of SRV records. */
  readonly host: string;
  /** Where alerts are posted: `/prefix/api/v2/alerts`. */
  readonly path: string;
  /** The `Authorization` header, if there is to be one. */
  readonly authorization: string | undefined;
}

/** Gives the hosts and ports behind a name. */
export type ResolveSrv = (name: string) => Promise<readonly { readonly name: string; readonly port: number }[]>;

/**
 * The addresses that the settings name.
 * @throws {PocketCortexError} `bad-config` for a URL that no alert can be sent to
 */
export function parseAlertmanagerUrls(settings: NotifierSettings): AlertmanagerAddress[] {
  const texts = settings.alertmanagerUrls.split(',').map((text) => text.trim());
  return texts.filter((text) => text !== '').map((text) => parseUrl(text, settings));
}

function parseUrl(text: string, { isDiscovered, username, password }: NotifierSettings): AlertmanagerAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.host === '') {
    const shown = url ? withoutPassword(url) : text;
    throw new PocketCortexError(
      'bad-config',
      `-ruler.alertmanager-url: ${JSON.stringify(shown)} is no URL such as http://alertmanager:9093`,
    );
  }
  if (isDiscovered && !/^_.+._.+/.test(url.host)) {
    throw new PocketCortexError(
      'bad-config',
      `when alertmanager-discovery is on, host name must be of the form _portname._tcp.service.fqdn (is ${quoteGo(url.host)})`,
    );
  }
  const segments = `${url.pathname}/api/v2/alerts`.split('/').filter((segment) => segment !== '');
  const [user, secret] =
    username !== '' || password !== ''
      ? [username, password]
      : [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  const isAnonymous = user === '' && secret === '';
  return {
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    host: url.host,
    path: `/${segments.join('/')}`,
    authorization: isAnonymous ? undefined : `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`,
  };
}

function withoutPassword(url: URL): string {
  const shown = new URL(url);
  shown.password = '';
  return shown.href;
}

/** The servers behind one address. */
export interface AlertmanagerSet {
  readonly address: AlertmanagerAddress;
  /** URLs to post to, the latest known. */
  readonly urls: readonly string[];
  /** Has `urls` looked up again when they are old. Never rejects. */
  refresh(): Promise<void>;
}

export function staticAlertmanagers(address: AlertmanagerAddress): AlertmanagerSet {
  return { address, urls: [`${address.scheme}://${address.host}${address.path}`], refresh: async () => {} };
}

/** The servers that SRV records name. Looked up when somebody sends; what was known is used on while a look-up fails. */
export class DiscoveredAlertmanagers implements AlertmanagerSet {
  readonly address: AlertmanagerAddress;
  readonly #clock: Clock;
  readonly #logger: NotifierLogger;
  readonly #refreshIntervalMs: number;
  readonly #resolveSrv: ResolveSrv;
  #urls: readonly string[] = [];
  #nextLookupMs = -Infinity;
  #lookup: Promise<void> | undefined;

  constructor(options: {
    readonly address: AlertmanagerAddress;
    readonly clock: Clock;
    readonly logger: NotifierLogger;
    readonly refreshIntervalMs: number;
    readonly resolveSrv: ResolveSrv;
  }) {
    this.address = options.address;
    this.#clock = options.clock;
    this.#logger = options.logger;
    this.#refreshIntervalMs = options.refreshIntervalMs;
    this.#resolveSrv = options.resolveSrv;
  }

  get urls(): readonly string[] {
    return this.#urls;
  }

  refresh(): Promise<void> {
    if (this.#clock.elapsedMs() < this.#nextLookupMs) return Promise.resolve();
    // Many tenants may send at the same time: one look-up is for them all.
    this.#lookup ??= this.#look().finally(() => {
      this.#nextLookupMs = this.#clock.elapsedMs() + this.#refreshIntervalMs;
      this.#lookup = undefined;
    });
    return this.#lookup;
  }

  async #look(): Promise<void> {
    const { scheme, host, path } = this.address;
    try {
      const records = await this.#resolveSrv(host);
      const urls = records.map(({ name, port }) => `${scheme}://${name.replace(/\.$/, '')}:${port}${path}`);
      this.#urls = [...new Set(urls)].sort();
    } catch (error) {
      this.#logger.error({ name: host, err: (error as Error).message }, 'looking up Alertmanagers failed');
    }
  }
}
