import { expect, test } from 'vitest';
import { ManualClock } from '../../../src/model/clock.ts';
import { PocketCortexError } from '../../../src/model/errors.ts';
import {
  type AlertmanagerAddress,
  DiscoveredAlertmanagers,
  parseAlertmanagerUrls,
} from '../../../src/ruler/notifier/alertmanagers.ts';
import { noLogger, notifierSettings } from '../../support/notifier.ts';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const path = '/api/v2/alerts';
const anonymous = { scheme: 'http', path, authorization: undefined } as const;

const accepted: [settings: Parameters<typeof notifierSettings>[0], addresses: AlertmanagerAddress[]][] = [
  [{ alertmanagerUrls: '' }, []],
  [{ alertmanagerUrls: 'http://am:9093' }, [{ ...anonymous, host: 'am:9093' }]],
  [
    { alertmanagerUrls: 'http://a:9093, https://b/prefix/,' },
    [
      { ...anonymous, host: 'a:9093' },
      { scheme: 'https', host: 'b', path: `/prefix${path}`, authorization: undefined },
    ],
  ],
  [
    { alertmanagerUrls: 'http://us%40er:p%3Aw@am//x//' },
    [{ ...anonymous, host: 'am', path: `/x${path}`, authorization: basic('us@er:p:w') }],
  ],
  [
    { alertmanagerUrls: 'http://user:pass@am', username: 'flag', password: 'secret' },
    [{ ...anonymous, host: 'am', authorization: basic('flag:secret') }],
  ],
  [
    { alertmanagerUrls: 'http://_http._tcp.am.example/p', isDiscovered: true },
    [{ ...anonymous, host: '_http._tcp.am.example', path: `/p${path}` }],
  ],
];

test.for(accepted)('%j names %j', ([settings, addresses]) => {
  expect(parseAlertmanagerUrls(notifierSettings(settings))).toEqual(addresses);
});

const refused: [settings: Parameters<typeof notifierSettings>[0], message: string][] = [
  [{ alertmanagerUrls: 'am:9093' }, '-ruler.alertmanager-url: "am:9093" is no URL such as http://alertmanager:9093'],
  [{ alertmanagerUrls: '/am' }, '-ruler.alertmanager-url: "/am" is no URL such as http://alertmanager:9093'],
  [
    { alertmanagerUrls: 'ftp://u:secret@am/' },
    '-ruler.alertmanager-url: "ftp://u@am/" is no URL such as http://alertmanager:9093',
  ],
  [
    { alertmanagerUrls: 'http://am:9093', isDiscovered: true },
    'when alertmanager-discovery is on, host name must be of the form _portname._tcp.service.fqdn (is "am:9093")',
  ],
];

test.for(refused)('refuses %j', ([settings, message]) => {
  expect(() => parseAlertmanagerUrls(notifierSettings(settings))).toThrow(new PocketCortexError('bad-config', message));
});

test('SRV records are looked up again when they are old, and used on while that fails', async () => {
  const clock = new ManualClock();
  const answers = [
    [
      { name: 'b.example.', port: 2 },
      { name: 'a.example', port: 1 },
      { name: 'a.example', port: 1 },
    ],
    undefined,
    [{ name: 'c.example', port: 3 }],
  ];
  const asked: string[] = [];
  const set = new DiscoveredAlertmanagers({
    address: { ...anonymous, host: '_http._tcp.am' },
    clock,
    logger: noLogger,
    refreshIntervalMs: 60_000,
    resolveSrv: async (name) => {
      asked.push(name);
      const records = answers.shift();
      if (!records) throw new Error('no such name');
      return records;
    },
  });
  const urls: unknown[] = [set.urls];
  for (let i = 0; i < 3; i++) {
    await Promise.all([set.refresh(), set.refresh()]);
    await clock.advance(59_999);
    await set.refresh();
    await clock.advance(1);
    urls.push(set.urls);
  }
  const firstTwo = [`http://a.example:1${path}`, `http://b.example:2${path}`];
  expect(urls).toEqual([[], firstTwo, firstTwo, [`http://c.example:3${path}`]]);
  expect(asked).toEqual(Array(3).fill('_http._tcp.am'));
});
