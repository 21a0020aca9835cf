import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { ServerSettings } from '../../src/config/server-settings.ts';
import { createTestApp, START_MS, type TestApp, type TestAppOptions } from '../support/test-app.ts';

const SETTINGS: Partial<ServerSettings> = { alertmanagerApiEnabled: true };
const CONFIG = 'route:\n  receiver: nowhere\nreceivers:\n  - name: nowhere\n';
const body = (config: string): string => JSON.stringify({ alertmanager_config: config });
const iso = (offsetMs: number): string => new Date(START_MS + offsetMs).toISOString();

let app: TestApp;
let options: TestAppOptions = { server: SETTINGS };
beforeEach(async () => {
  app = await createTestApp(options);
});
afterEach(async () => {
  options = { server: SETTINGS };
  await app.close();
});

async function send(method: string, path: string, value?: unknown) {
  const text = value === undefined ? undefined : typeof value === 'string' ? value : JSON.stringify(value);
  const answer = await app.send(method, path, text, text === undefined ? {} : { 'content-type': 'application/json' });
  return { status: answer.status, json: answer.json ?? answer.text };
}

describe('the configuration API', () => {
  test('gives back what was set, until it is deleted', async () => {
    expect(await send('GET', '/api/v1/alerts')).toEqual({
      status: 404,
      json: 'alertmanager storage object not found\n',
    });
    const templates = 'template_files:\n  b.tmpl: "{{ define `x` }}\\n{{ end }}"\n  a.tmpl: "y"\n';
    expect(
      await send(
        'POST',
        '/api/v1/alerts',
        `${templates}alertmanager_config: |\n  # comment\n  ${CONFIG.replaceAll('\n', '\n  ')}`,
      ),
    ).toEqual({ status: 201, json: '' });
    const yaml = `template_files:
  a.tmpl: "y"
  b.tmpl: |-
    {{ define \`x\` }}
    {{ end }}
alertmanager_config: |
  # comment
  route:
    receiver: nowhere
  receivers:
    - name: nowhere
`;
    expect(await send('GET', '/api/v1/alerts')).toEqual({ status: 200, json: yaml });
    const all = `test:\n${yaml.replace(/^(?=.)/gm, '  ')}`;
    expect(await send('GET', '/multitenant_alertmanager/configs')).toEqual({ status: 200, json: all });
    expect((await app.get('/api/v1/alerts', {}, { 'x-scope-orgid': 'other' })).status).toBe(404);
    expect(await send('DELETE', '/api/v1/alerts')).toEqual({ status: 200, json: '' });
    expect(await send('DELETE', '/api/v1/alerts')).toEqual({ status: 200, json: '' });
    expect((await send('GET', '/api/v1/alerts')).status).toBe(404);
    expect(await send('GET', '/multitenant_alertmanager/configs')).toEqual({ status: 200, json: '' });
  });

  const invalid = 'error validating Alertmanager config: ';
  test.for([
    [
      '',
      `${invalid}configuration provided is empty, if you'd like to remove your configuration please use the delete configuration endpoint`,
    ],
    [
      'alertmanager_config: [unclosed',
      "error marshalling YAML Alertmanager config: yaml: line 1: did not find expected ',' or ']'",
    ],
    [
      '- a',
      'error marshalling YAML Alertmanager config: yaml: unmarshal errors:\n  line 1: cannot unmarshal !!seq into alertmanager.UserConfig',
    ],
    [
      'alertmanager_config:\n  a: b',
      'error marshalling YAML Alertmanager config: yaml: unmarshal errors:\n  line 2: cannot unmarshal !!map into string',
    ],
    [body('receivers: []'), `${invalid}no routes provided`],
    [
      body(`${CONFIG}templates: [a/b]`),
      `${invalid}invalid template name "a/b": the template name cannot contain any path`,
    ],
    [
      JSON.stringify({ template_files: { '../x': '' }, alertmanager_config: CONFIG }),
      `${invalid}invalid template name "../x": the template name cannot contain any path`,
    ],
    [
      JSON.stringify({
        template_files: { 't.tmpl': '{{ define "x" }}' },
        alertmanager_config: `${CONFIG}templates: ["*.tmpl"]`,
      }),
      `${invalid}template: t.tmpl:1: unexpected EOF`,
    ],
    [
      JSON.stringify({
        template_files: { 't.tmpl': '{{ humanize 1 }}' },
        alertmanager_config: `${CONFIG}templates: [t.tmpl]`,
      }),
      `${invalid}template: t.tmpl:1: function "humanize" not defined`,
    ],
  ])('refuses %j', async ([text, message]) => {
    expect(await send('POST', '/api/v1/alerts', text)).toEqual({ status: 400, json: `${message}\n` });
    expect((await send('GET', '/api/v1/alerts')).status).toBe(404);
  });

  test('takes a template that it names and does not have, one that it has and does not name, and functions of the Alertmanager', async () => {
    const templates = { 'broken.tmpl': '{{', 'good.tmpl': '{{ join "," (stringSlice "a") | toUpper }}' };
    const config = `${CONFIG}templates: [nope.tmpl, good.tmpl]`;
    expect(
      (await send('POST', '/api/v1/alerts', { template_files: templates, alertmanager_config: config })).status,
    ).toBe(201);
  });

  test('is not there by default', async () => {
    const plain = await createTestApp();
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect((await plain.send(method, '/api/v1/alerts')).status).toBe(404);
    }
    expect((await plain.send('POST', '/multitenant_alertmanager/delete_tenant_config')).status).toBe(200);
    await plain.close();
  });
});

describe('limits', () => {
  const one = { template_files: { a: 'xxxx' }, alertmanager_config: CONFIG };
  test.for([
    [{ alertmanagerMaxConfigSizeBytes: 50 }, 'Alertmanager configuration is too big, limit: 50 bytes'],
    [
      { alertmanagerMaxTemplateSizeBytes: 3 },
      'error validating Alertmanager config: template a is too big: 4 bytes (limit: 3 bytes)',
    ],
  ] as const)('%j', async ([limits, message]) => {
    const limited = await createTestApp({ server: SETTINGS, limits });
    const answer = await limited.send('POST', '/api/v1/alerts', JSON.stringify(one));
    expect({ status: answer.status, text: answer.text }).toEqual({ status: 400, text: `${message}\n` });
    await limited.close();
  });

  test('on the number of templates', async () => {
    const limited = await createTestApp({ server: SETTINGS, limits: { alertmanagerMaxTemplatesCount: 1 } });
    expect((await limited.send('POST', '/api/v1/alerts', JSON.stringify(one))).status).toBe(201);
    const two = { ...one, template_files: { a: '', b: '' } };
    expect((await limited.send('POST', '/api/v1/alerts', JSON.stringify(two))).text).toBe(
      'error validating Alertmanager config: too many templates in the configuration: 2 (limit: 1)\n',
    );
    await limited.close();
  });
});

describe('the Alertmanager of a tenant', () => {
  test.for(['/alertmanager', '/alertmanager/', '/alertmanager/-/ready', '/alertmanager/api/v2/status'])(
    '%s says that there is no configuration',
    async (path) => {
      expect(await send('GET', path)).toEqual({ status: 404, json: 'the Alertmanager is not configured\n' });
      expect((await app.get(path, {}, { 'x-scope-orgid': '' })).status).toBe(401);
      expect((await app.get(path, {}, { 'x-scope-orgid': 'a/b' })).status).toBe(401);
    },
  );

  describe('with a configuration', () => {
    beforeEach(async () => {
      const config = `${CONFIG}  - {name: other, labels: {team: x}}\n`.replace(
        'receiver: nowhere',
        'receiver: nowhere\n  group_by: [job]\n  routes: [{receiver: other, matchers: [severity=page], continue: true}, {match: {severity: page}}]',
      );
      await send('POST', '/api/v1/alerts', body(config));
    });

    const post = (...alerts: readonly object[]) => send('POST', '/alertmanager/api/v2/alerts', alerts);
    const alertNames = async (query = '') => {
      const { json } = await send('GET', `/alertmanager/api/v2/alerts${query}`);
      return (json as readonly { labels: { alertname: string } }[]).map(({ labels }) => labels.alertname).sort();
    };

    test('lists receivers, by their labels too', async () => {
      const other = { labels: { name: 'other', team: 'x' }, name: 'other' };
      const path = '/alertmanager/api/v2/receivers';
      expect((await send('GET', path)).json).toEqual([{ labels: { name: 'nowhere' }, name: 'nowhere' }, other]);
      expect((await send('GET', `${path}?receiver_matchers=team%3D%22x%22`)).json).toEqual([other]);
      expect(await send('GET', `${path}?receiver_matchers=x`)).toEqual({
        status: 400,
        json: 'failed to parse receiver_matchers param: bad matcher format: x',
      });
    });

    test('shows an alert as Cortex does, whatever became of it', async () => {
      const alert = {
        labels: { alertname: 'Test', x: 'y' },
        annotations: { a: 'b' },
        startsAt: iso(-60_000),
        endsAt: iso(600_000),
        generatorURL: 'http://localhost/g',
      };
      expect(await post(alert)).toEqual({ status: 200, json: '' });
      const shown = {
        annotations: { a: 'b' },
        endsAt: iso(600_000),
        fingerprint: 'e6f74d00eb77e535',
        receivers: [{ name: 'nowhere' }],
        startsAt: iso(-60_000),
        status: { inhibitedBy: [], mutedBy: [], silencedBy: [], state: 'unprocessed' },
        updatedAt: iso(0),
        generatorURL: 'http://localhost/g',
        labels: { alertname: 'Test', x: 'y' },
      };
      expect((await send('GET', '/alertmanager/api/v2/alerts')).json).toEqual([shown]);
      expect((await send('GET', '/alertmanager/api/v2/alerts/groups')).json).toEqual([
        { alerts: [shown], labels: {}, receiver: { name: 'nowhere' } },
      ]);
    });

    test('ends alerts when they are resolved, and when nothing is heard of them', async () => {
      await post(
        { labels: { alertname: 'A' } },
        { labels: { alertname: 'B' }, endsAt: iso(1000) },
        { labels: { alertname: 'C' }, startsAt: iso(-5000), endsAt: iso(3_600_000) },
      );
      expect(await alertNames()).toEqual(['A', 'B', 'C']);
      await app.clock.advance(2000);
      expect(await alertNames()).toEqual(['A', 'C']);
      await post({ labels: { alertname: 'C' }, startsAt: iso(-5000), endsAt: iso(1500) });
      expect(await alertNames()).toEqual(['A']);
      await app.clock.advance(5 * 60_000);
      expect(await alertNames()).toEqual([]);
    });

    test('keeps the first start and the later news of an alert', async () => {
      await post({ labels: { alertname: 'A' }, annotations: { v: '1' }, startsAt: iso(-9000) });
      await app.clock.advance(1000);
      await post({ labels: { alertname: 'A' }, annotations: { v: '2' }, startsAt: iso(-4000) });
      expect((await send('GET', '/alertmanager/api/v2/alerts')).json).toMatchObject([
        { annotations: { v: '2' }, startsAt: iso(-9000), endsAt: iso(301_000), updatedAt: iso(1000) },
      ]);
    });

    test.for([
      ['?filter=alertname%3D%22A%22', ['A']],
      ['?filter=alertname%3D~%22A%7CB%22&filter=severity!%3D%22page%22', ['B']],
      ['?receiver=oth.*', ['A']],
      ['?receiver_matchers=team%3D%22x%22', ['A']],
      ['?silenced=false&inhibited=false&active=true', ['A', 'B', 'C']],
    ] as const)('filters alerts: %s', async ([query, names]) => {
      await post(
        { labels: { alertname: 'A', severity: 'page', job: 'j' } },
        { labels: { alertname: 'B', job: 'j' } },
        { labels: { alertname: 'C' } },
      );
      expect(await alertNames(query)).toEqual(names);
    });

    test('groups alerts by route and by what they have in common', async () => {
      await post(
        { labels: { alertname: 'A', severity: 'page', job: 'j', instance: '2' } },
        { labels: { alertname: 'A', severity: 'page', job: 'j', instance: '1' } },
        { labels: { alertname: 'C' } },
      );
      const { json } = await send('GET', '/alertmanager/api/v2/alerts/groups');
      const groups = json as readonly {
        labels: object;
        receiver: { name: string };
        alerts: readonly { labels: { instance?: string }; receivers: object }[];
      }[];
      expect(
        groups.map(({ labels, receiver, alerts }) => [
          receiver.name,
          labels,
          alerts.map((one) => [one.labels.instance, one.receivers]),
        ]),
      ).toEqual([
        ['nowhere', {}, [[undefined, [{ name: 'nowhere' }]]]],
        ['nowhere', { job: 'j' }, ['1', '2'].map((instance) => [instance, [{ name: 'nowhere' }, { name: 'other' }]])],
        ['other', { job: 'j' }, ['1', '2'].map((instance) => [instance, [{ name: 'nowhere' }, { name: 'other' }]])],
      ]);
    });

    test.for([
      [[{ labels: {} }], 400, 'at least one label pair required'],
      [[{ labels: { '1a': 'x' } }], 400, 'invalid label set: invalid name "1a"'],
      [
        [{ labels: { a: '' } }, { labels: { b: 'c' }, startsAt: iso(5), endsAt: iso(1) }],
        400,
        'at least one label pair required\nstart time must be before end time',
      ],
      [[{}], 422, { code: 602, message: '0.labels in body is required' }],
      [
        [{ labels: { a: 'b' }, generatorURL: 'no url' }],
        422,
        { code: 601, message: '0.generatorURL in body must be of type uri: "no url"' },
      ],
      ['{', 400, { code: 400, message: 'parsing alerts body from "" failed, because unexpected EOF' }],
      [
        '{}',
        400,
        {
          code: 400,
          message:
            'parsing alerts body from "" failed, because json: cannot unmarshal object into Go value of type models.PostableAlerts',
        },
      ],
    ] as const)('refuses alerts %j', async ([alerts, status, json]) => {
      expect(await send('POST', '/alertmanager/api/v2/alerts', alerts)).toEqual({ status, json });
    });

    test('keeps the good alerts of a request', async () => {
      await post({ labels: {} }, { labels: { alertname: 'good' } });
      expect(await alertNames()).toEqual(['good']);
    });

    const silence = {
      matchers: [{ name: 'a', value: 'b', isRegex: false }],
      startsAt: iso(60_000),
      endsAt: iso(3_600_000),
      createdBy: 'me',
      comment: 'c',
    };
    const silences = async (query = '') =>
      (await send('GET', `/alertmanager/api/v2/silences${query}`)).json as readonly {
        id: string;
        status: { state: string };
      }[];
    const setSilence = async (value: object) =>
      ((await send('POST', '/alertmanager/api/v2/silences', value)).json as { silenceID: string }).silenceID;

    test('sets, changes and ends silences', async () => {
      const id = await setSilence(silence);
      expect(await silences()).toEqual([
        {
          id,
          status: { state: 'pending' },
          updatedAt: iso(0),
          comment: 'c',
          createdBy: 'me',
          endsAt: iso(3_600_000),
          matchers: [{ isEqual: true, isRegex: false, name: 'a', value: 'b' }],
          startsAt: iso(60_000),
        },
      ]);
      expect(await setSilence({ ...silence, id, comment: 'd' })).toBe(id);
      await app.clock.advance(61_000);
      expect(await silences()).toMatchObject([{ id, comment: 'd', status: { state: 'active' } }]);
      const other = await setSilence({ ...silence, id, matchers: [{ name: 'x', value: 'y', isRegex: true }] });
      expect(other).not.toBe(id);
      expect(await silences()).toMatchObject([
        { id: other, status: { state: 'active' } },
        { id, status: { state: 'expired' } },
      ]);
      expect(await silences('?filter=x%3D~%22y%22')).toMatchObject([{ id: other }]);
      const path = `/alertmanager/api/v2/silence/${other}`;
      expect(await send('GET', path)).toMatchObject({ status: 200, json: { id: other } });
      expect(await send('DELETE', path)).toEqual({ status: 200, json: '' });
      expect(await send('GET', path)).toMatchObject({ json: { status: { state: 'expired' } } });
      await app.clock.advance(6 * 24 * 3_600_000);
      expect(await silences()).toEqual([]);
    });

    test.for([
      [{ ...silence, matchers: [] }, 422, { code: 612, message: 'matchers in body should have at least 1 items' }],
      [{ ...silence, comment: undefined }, 422, { code: 602, message: 'comment in body is required' }],
      [
        { ...silence, matchers: [{ name: 'a', value: 'b' }] },
        422,
        { code: 602, message: 'matchers.0.isRegex in body is required' },
      ],
      [{ ...silence, endsAt: iso(60_000) }, 400, 'Failed to create silence: start time must be before end time'],
      [
        { ...silence, startsAt: iso(-9000), endsAt: iso(-5000) },
        400,
        "Failed to create silence: end time can't be in the past",
      ],
      [{ ...silence, id: '00000000-0000-0000-0000-000000000000' }, 404, 'silence not found'],
      [
        { ...silence, matchers: [{ name: '1', value: 'b', isRegex: false }] },
        400,
        'invalid silence: invalid label matcher 0 in set 0: invalid label name "1"',
      ],
      [
        { ...silence, matchers: [{ name: 'a', value: '.*', isRegex: true }] },
        400,
        'invalid silence: matcher set 0: at least one matcher must not match the empty string',
      ],
      [
        { ...silence, startsAt: 'now' },
        400,
        {
          code: 400,
          message: 'parsing silence body from "" failed, because parsing time "now" as "2006-01-02": cannot parse',
        },
      ],
    ] as const)('refuses the silence %j', async ([value, status, json]) => {
      expect(await send('POST', '/alertmanager/api/v2/silences', value)).toEqual({ status, json });
      expect(await silences()).toEqual([]);
    });

    test.for([
      ['GET', '/alertmanager/api/v2/silence/00000000-0000-0000-0000-000000000000', 404, ''],
      ['DELETE', '/alertmanager/api/v2/silence/00000000-0000-0000-0000-000000000000', 404, ''],
      [
        'GET',
        '/alertmanager/api/v2/silence/x',
        422,
        { code: 601, message: 'silenceID in path must be of type uuid: "x"' },
      ],
      [
        'PUT',
        '/alertmanager/api/v2/silences',
        405,
        { code: 405, message: 'method PUT is not allowed, but [GET,POST] are' },
      ],
      ['GET', '/alertmanager/api/v2/nope', 404, { code: 404, message: 'path /api/v2/nope was not found' }],
      [
        'GET',
        '/alertmanager/api/v2/alerts?active=x',
        422,
        { code: 601, message: 'active in query must be of type boolean: "x"' },
      ],
      ['GET', '/alertmanager/-/healthy', 200, 'OK'],
      ['GET', '/alertmanager/nope', 404, '404 page not found\n'],
    ] as const)('%s %s', async ([method, path, status, json]) => {
      expect(await send(method, path)).toEqual({ status, json });
    });

    test('says that the first version of the API is gone', async () => {
      const { status, json } = await send('GET', '/alertmanager/api/v1/alerts');
      expect({ status, json }).toMatchObject({ status: 410, json: { status: 'deprecated' } });
    });

    test('has a page that shows what it has, and no more than that', async () => {
      await post({ labels: { alertname: '<script>' } });
      await setSilence({ ...silence, comment: '<b>' });
      const { text } = await app.get('/alertmanager/');
      expect(text).toContain('&lt;script&gt;');
      expect(text).toContain('&lt;b&gt;');
      expect(text).not.toContain('<script>');
    });

    test('says its configuration and that it is no cluster', async () => {
      expect((await send('GET', '/alertmanager/api/v2/status')).json).toMatchObject({
        cluster: { peers: [], status: 'ready' },
        config: { original: expect.stringContaining('group_by: [job]') },
        uptime: iso(0),
      });
    });

    test('loses alerts and silences with the configuration, and keeps them when that changes', async () => {
      await post({ labels: { alertname: 'A' } });
      await setSilence(silence);
      await send('POST', '/api/v1/alerts', body(CONFIG));
      expect([await alertNames(), (await silences()).length]).toEqual([['A'], 1]);
      await send('POST', '/multitenant_alertmanager/delete_tenant_config');
      await send('POST', '/api/v1/alerts', body(CONFIG));
      expect([await alertNames(), await silences()]).toEqual([[], []]);
    });

    test('goes with its tenant', async () => {
      await post({ labels: { alertname: 'A' } });
      await app.send('POST', '/purger/delete_tenant');
      expect((await send('GET', '/api/v1/alerts')).status).toBe(404);
      expect((await send('GET', '/alertmanager/api/v2/alerts')).status).toBe(404);
    });
  });
});

describe('the fallback configuration', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  function serverWith(text: string): Promise<TestApp> {
    const path = join(folder, 'fallback.yaml');
    writeFileSync(path, text);
    return createTestApp({ server: { ...SETTINGS, alertmanagerFallbackConfigFile: path } });
  }

  test('is that of a tenant who has none', async () => {
    const fallback = await serverWith(CONFIG);
    const { json } = await fallback.get('/alertmanager/api/v2/receivers');
    expect(json).toEqual([{ labels: { name: 'nowhere' }, name: 'nowhere' }]);
    await fallback.send('POST', '/api/v1/alerts', body(CONFIG.replaceAll('nowhere', 'own')));
    expect((await fallback.get('/alertmanager/api/v2/receivers')).json).toMatchObject([{ name: 'own' }]);
    await fallback.close();
  });

  test('is looked at when the server starts', async () => {
    await expect(serverWith('route: {}')).rejects.toMatchObject({
      code: 'bad-config',
      message: expect.stringMatching(
        /^unable to load fallback config ".*": root route must specify a default receiver$/,
      ),
    });
  });
});
