import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cortextool, type ToolGroup } from '../support/cortextool.ts';
import { eventually } from '../support/eventually.ts';
import { push } from '../support/push.ts';
import { apiGet } from '../support/query-api.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const recording: ToolGroup = {
  name: 'recording',
  interval: '30s',
  rules: [
    { record: 'job:up:sum', expr: 'sum by (job) (up)', labels: { team: 'a', quoted: '"yes": no' } },
    { record: 'long', expr: 'sum(\n  rate(requests_total[5m])\n) or\nvector(0)\n' },
  ],
};
const alerting: ToolGroup = {
  name: 'alerts: all & more',
  rules: [
    {
      alert: 'Down',
      expr: 'up == 0',
      for: '5m',
      labels: { severity: 'page' },
      annotations: { summary: '{{ $labels.job }} is down', runbook: 'https://x/?a=b#c' },
    },
  ],
};
const other: ToolGroup = { name: 'a/b', rules: [{ record: 'one', expr: '1' }] };

const provisioned = 'groups: [{ name: given, interval: 1s, rules: [{ record: given, expr: vector(1) }] }]';

describe('the requests of cortextool rules', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pocket-cortex-e2e-'));
  let server: ServerProcess;

  beforeAll(async () => {
    mkdirSync(join(folder, 'rules/_all'), { recursive: true });
    writeFileSync(join(folder, 'rules/_all/given.yaml'), provisioned);
    server = await startServerProcess({
      dataPath: join(folder, 'pocket-cortex.db'),
      arguments: [`-pocket.provisioned-rules-dir=${join(folder, 'rules')}`],
    });
  });

  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.for([
    { tenant: 'tool', apiPath: '/api/v1/rules' },
    { tenant: 'legacy-tool', apiPath: '/api/prom/rules' },
  ])('load, diff, sync, print, get and delete work, and leave provisioned groups alone: $apiPath', async (where) => {
    const tool = new Cortextool({ baseUrl: server.baseUrl, ...where });
    const series = [{ labels: [['__name__', 'up']] as const, samples: [[Date.now(), 1]] as const }];
    expect((await push({ baseUrl: server.baseUrl, tenant: where.tenant }, { series })).status).toBe(200);

    expect(await tool.print()).toBeUndefined();
    expect(await tool.get('team a', 'recording')).toBeUndefined();
    await tool.load({ 'team a': [recording, alerting], 'x/y': [other] });
    expect(tool.requests.slice(2)).toEqual([
      'GET /team%20a/recording',
      'POST /team%20a',
      'GET /team%20a/alerts:%20all%20&%20more',
      'POST /team%20a',
      'GET /x%2Fy/a%2Fb',
      'POST /x%2Fy',
    ]);
    expect(await tool.print()).toEqual({ 'team a': [alerting, recording], 'x/y': [other] });

    const requestCount = tool.requests.length;
    await tool.load({ 'team a': [alerting, recording], 'x/y': [other] });
    expect(tool.requests.slice(requestCount).filter((request) => request.startsWith('POST'))).toEqual([]);
    expect(await tool.diff({ 'team a': [recording, alerting], 'x/y': [other] })).toEqual([]);

    const changed = { ...recording, interval: '1m' };
    const wanted = { 'team a': [changed], new: [{ ...other, name: 'c' }] };
    expect(await tool.diff(wanted)).toEqual([
      '~ team a/recording',
      '- team a/alerts: all & more',
      '+ new/c',
      '- x/y/a/b',
    ]);
    await tool.sync(wanted);
    expect(await tool.diff(wanted)).toEqual([]);
    expect(await tool.print()).toEqual(wanted);
    expect(await tool.get('team a', 'recording')).toEqual(changed);

    await tool.delete('new', 'c');
    await tool.delete('new', 'c');
    await tool.sync({});
    expect(await tool.print()).toBeUndefined();

    const api = { baseUrl: `${server.baseUrl}/prometheus`, tenant: where.tenant };
    const groups = await eventually('the provisioned group is evaluated', async () => {
      const data = (await apiGet(api, 'rules', {})) as { groups: readonly { rules: readonly { health: string }[] }[] };
      return data.groups[0]?.rules[0]?.health === 'ok' ? data.groups : undefined;
    });
    expect(groups).toMatchObject([{ name: 'given', file: '_all/given.yaml', readOnly: true }]);
  });

  test('a group that Cortex refuses ends the load with its words', async () => {
    const tool = new Cortextool({ baseUrl: server.baseUrl, tenant: 'wrong', apiPath: '/api/v1/rules' });
    const wrong = { name: 'g', rules: [{ record: 'a b{', expr: '1' }] };
    await expect(tool.load({ ns: [wrong] })).rejects.toThrow(
      /^server returned HTTP status 400: .*invalid recording rule name: a b\{/,
    );
  });
});
