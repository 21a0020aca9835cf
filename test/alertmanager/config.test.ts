import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../src/alertmanager/config.ts';
import { matchingRoutes } from '../../src/alertmanager/route.ts';

const BASE = 'route: {receiver: a}\nreceivers: [{name: a}]\n';
const withRoute = (route: string): string => `route: {receiver: a, ${route}}\nreceivers: [{name: a}]\n`;
const withReceiver = (fields: string): string => `route: {receiver: a}\nreceivers: [{name: a, ${fields}}]\n`;

// The texts are those of amtool check-config, of the version that Cortex 1.21 has inside.
describe('a configuration is refused in the words of the Alertmanager', () => {
  test.for([
    ['', 'no route provided in config'],
    ['receivers: [{name: a}]', 'no routes provided'],
    ['route: {group_by: [x]}\nreceivers: [{name: a}]', 'root route must specify a default receiver'],
    [withRoute('match: {x: y}'), 'root route must not have any matchers'],
    [withRoute('mute_time_intervals: [x]'), 'root route must not have any mute time intervals'],
    [withRoute('active_time_intervals: [x]'), 'root route must not have any active time intervals'],
    [withRoute('continue: true'), 'cannot have continue in root route'],
    [withRoute('routes: [{receiver: q}]'), 'undefined receiver "q" used in route'],
    [withRoute('routes: [{mute_time_intervals: [x]}]'), 'undefined time interval "x" used in route'],
    [withRoute('group_by: [a, a]'), 'duplicated label "a" in group_by'],
    [withRoute('group_by: ["1a"]'), 'invalid label name "1a" in group_by list'],
    [withRoute('group_by: [a, "..."]'), 'cannot have wildcard group_by (`...`) and other labels at the same time'],
    [withRoute('group_interval: 0s'), 'group_interval cannot be zero'],
    [withRoute('group_wait: x'), 'not a valid duration string: "x"'],
    [withRoute('routes: [{match: {"1x": y}}]'), 'invalid label name "1x"'],
    [withRoute('routes: [{match_re: {x: "("}}]'), 'error parsing regexp: missing closing ): `^(?:()$`'],
    [withRoute('routes: [{matchers: ["x"]}]'), 'bad matcher format: x'],
    [withRoute('routes: [{matchers: [\'x="y"z\']}]'), 'matcher value contains unescaped double quote: "y"z'],
    ['route: {receiver: a}\nreceivers: [{name: a}, {name: a}]', 'notification config name "a" is not unique'],
    ['route: {receiver: a}\nreceivers: [{}]', 'missing name in receiver'],
    [withReceiver('labels: {name: b}'), 'receiver label "name" must match receiver name "a", got "b"'],
    [`${BASE}time_intervals: [{name: a}, {name: a}]`, 'time interval "a" is not unique'],
    [`${BASE}mute_time_intervals: [{}]`, 'missing name in mute time interval'],
    [`${BASE}global: {slack_api_url: x}`, 'unsupported scheme "" for URL'],
    [
      `${BASE}global: {opsgenie_api_key: a, opsgenie_api_key_file: b}`,
      'at most one of opsgenie_api_key & opsgenie_api_key_file must be configured',
    ],
    [`${BASE}z: *a`, "yaml: unknown anchor 'a' referenced"],
  ])('%j', ([text, message]) => {
    expect(loadConfig(text!)).toEqual({ ok: false, message });
  });

  test.for([
    [
      'route: {receiver: a, surprise: 1}\nreceivers: 5',
      [
        'line 1: field surprise not found in type config.plain',
        'line 2: cannot unmarshal !!int `5` into []config.Receiver',
      ],
    ],
    ['route: [a]', ['line 1: cannot unmarshal !!seq into config.plain']],
    [withRoute('group_by: 5'), ['line 1: cannot unmarshal !!int `5` into []string']],
    [withRoute('continue: perhaps not'), ['line 1: cannot unmarshal !!str `perhaps...` into bool']],
    [`${BASE}receivers: [{name: a}]`, ['line 3: field receivers already set in type config.plain']],
    [withReceiver('email_configs: x'), ['line 2: cannot unmarshal !!str `x` into []*config.EmailConfig']],
    [
      withReceiver('webhook_configs: [{url: "http://x", max_alerts: -1}]'),
      ['line 2: cannot unmarshal !!int `-1` into uint64'],
    ],
  ] as const)('%j: the form', ([text, problems]) => {
    expect(loadConfig(text)).toEqual({ ok: false, message: `yaml: unmarshal errors:\n  ${problems.join('\n  ')}` });
  });

  test.for([
    ['a: b: c\n', 'mapping values are not allowed in this context'],
    ['x: y\na: b: c\n', 'line 2: mapping values are not allowed in this context'],
    ['b\nc: 2\n', 'line 2: mapping values are not allowed in this context'],
    ['route: "x', 'found unexpected end of stream'],
    ['route: "x\ny\n', 'line 3: found unexpected end of stream'],
    ['route: [', 'line 1: did not find expected node content'],
    ['route: [a\n', "line 1: did not find expected ',' or ']'"],
    ['x: 1\nroute: {a: 1\n\n\n', "line 4: did not find expected ',' or '}'"],
    ['x: 1\na: [x}\n', "line 1: did not find expected ',' or ']'"],
    ['a: {b: c: d}\n', "did not find expected ',' or '}'"],
    ['a: }\n', 'did not find expected node content'],
    ['a:\n  b: 1\n c: 2\n', 'line 2: did not find expected key'],
    ['x: 1\n- a\n', 'line 1: did not find expected key'],
    ['a: 1\nb\nc: 2\n', "line 3: could not find expected ':'"],
    ['\ta: 1\n', 'found character that cannot start any token'],
    ['route:\n  receiver: a\n\tgroup_by: x\n', 'line 3: found a tab character that violates indentation'],
    ['x: 1\na: "\\q"\n', 'line 2: found unknown escape character'],
    ['a: &\n', 'did not find expected alphabetic or numeric character'],
    ['x: 1\na: !!foo<\n', 'line 2: did not find expected whitespace or line break'],
  ])('%j: no YAML', ([text, message]) => {
    expect(loadConfig(text!)).toEqual({ ok: false, message: `yaml: ${message}` });
  });

  test.for([
    ['webhook_configs: [{}]', 'one of url or url_file must be configured'],
    ['webhook_configs: [{url: "http://x", url_file: y}]', 'at most one of url & url_file must be configured'],
    ['webhook_configs: [null]', 'missing webhook config'],
    ['webhook_configs: [{url: "ftp://x"}]', 'invalid URL: unsupported scheme "ftp" for URL'],
    [
      'webhook_configs: [{url: "http://x", http_config: {authorization: {type: Basic}}}]',
      'authorization type cannot be set to "basic", use "basic_auth" instead',
    ],
    ['email_configs: [{}]', 'missing to address in email config'],
    ['email_configs: [{to: a}]', 'no global SMTP smarthost set'],
    ['email_configs: [{to: a, smarthost: "h:25"}]', 'no global SMTP from set'],
    ['email_configs: [{to: a, smarthost: h, from: x}]', 'address h: missing port in address'],
    [
      'email_configs: [{to: a, smarthost: "h:25", from: x, headers: {a: b, A: c}}]',
      'duplicate header "A" in email config',
    ],
    ['slack_configs: [{}]', 'no Slack API URL nor App token set either inline or in a file'],
    [
      'slack_configs: [{api_url: "http://x", actions: [{type: a, text: b}]}]',
      'missing name or url in Slack action configuration',
    ],
    ['pagerduty_configs: [{}]', 'missing service or routing key in PagerDuty config'],
    ['opsgenie_configs: [{}]', 'no global OpsGenie API Key set either inline or in a file'],
    [
      'opsgenie_configs: [{api_key: x, responders: [{id: a, type: foo}]}]',
      'opsGenieConfig responder {a   foo} type does not match valid options ^(team|teams|user|escalation|schedule)$',
    ],
    ['victorops_configs: [{routing_key: a}]', 'no global VictorOps API Key set'],
    ['pushover_configs: [{user_key: a}]', 'one of token or token_file must be configured'],
    ['pushover_configs: [{user_key: a, token: b, retry: x}]', 'time: invalid duration "x"'],
    ['sns_configs: [{}]', 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config'],
    ['telegram_configs: [{}]', 'missing chat_id or chat_id_file on telegram_config'],
    ['discord_configs: [{}]', 'one of webhook_url or webhook_url_file must be configured'],
    ['webex_configs: [{room_id: a}]', 'missing webex_configs.http_config.authorization'],
    ['wechat_configs: [{api_secret: a}]', 'no global Wechat CorpID set'],
    ['jira_configs: [{project: a, issue_type: b}]', 'no global Jira Cloud URL set'],
  ])('%s: a receiver', ([fields, message]) => {
    expect(loadConfig(withReceiver(fields!))).toEqual({ ok: false, message });
  });

  test.for([
    ['times: [{start_time: "10:00"}]', 'both start and end times must be provided'],
    ['times: [{start_time: "12:00", end_time: "10:00"}]', 'start time cannot be equal or greater than end time'],
    ['times: [{start_time: "99:00", end_time: "10:00"}]', "couldn't parse timestamp 99:00, invalid format"],
    ['weekdays: [foo]', 'foo is not a valid weekday'],
    ['weekdays: ["friday:monday"]', 'start day cannot be before end day'],
    ['days_of_month: ["40"]', '40 is not a valid day of the month: out of range'],
    ['months: [x]', 'x is not a valid month'],
    ['years: ["2025:2024"]', 'end year 2024 is before start year 2025'],
  ])('%s: a time interval', ([fields, message]) => {
    expect(loadConfig(`${BASE}time_intervals: [{name: a, time_intervals: [{${fields}}]}]`)).toEqual({
      ok: false,
      message,
    });
  });
});

describe('a configuration may not have the server read files', () => {
  test.for([
    ['webhook_configs: [{url_file: /f}]', 'setting Webhook url_file is not allowed'],
    [
      'email_configs: [{to: a, smarthost: "h:1", from: b, auth_password_file: /f}]',
      'setting Email auth_password_file and global smtp_auth_password_file is not allowed',
    ],
    [
      'webhook_configs: [{url: "http://x", http_config: {basic_auth: {password_file: /f}}}]',
      'setting password_file is not allowed',
    ],
    [
      'webhook_configs: [{url: "http://x", http_config: {bearer_token_file: /f}}]',
      'setting bearer_token_file and credentials_file is not allowed',
    ],
    [
      'webhook_configs: [{url: "http://x", http_config: {tls_config: {ca_file: /f}}}]',
      'setting TLS ca_file, cert_file and key_file is not allowed',
    ],
    [
      'email_configs: [{to: a, smarthost: "h:1", from: b, tls_config: {key_file: /f}}]',
      'setting TLS ca_file, cert_file and key_file is not allowed',
    ],
  ])('%s', ([fields, message]) => {
    expect(loadConfig(withReceiver(fields!))).toMatchObject({ ok: true, forbidden: message });
  });
});

test('a long text of aliases is no long work', () => {
  const levels = Array.from({ length: 12 }, (_, i) => `x${i + 1}: &a${i + 1} [${Array(20).fill(`*a${i}`).join(', ')}]`);
  const text = `${BASE}tracing: 1\nx0: &a0 [a, a]\n${levels.join('\n')}\ntemplates: *a12\n`;
  expect(loadConfig(text)).toMatchObject({ ok: false });
});

test('brackets beyond all measure are refused', () => {
  expect(loadConfig(`route: ${'['.repeat(100_000)}`)).toMatchObject({ ok: false });
});

describe('routes', () => {
  const loaded = loadConfig(`
global: { resolve_timeout: 1m }
route:
  receiver: root
  group_by: [job]
  routes:
    - matchers: ['team="a"', 'severity=~"page|ticket"']
      receiver: a
      continue: true
      group_by: ['...']
    - match: { team: a }
      routes:
        - match_re: { severity: p.* }
          receiver: deep
receivers: [{ name: root }, { name: a, labels: { owner: x } }, { name: deep }]
`);
  if (!loaded.ok) throw new Error(loaded.message);
  const { config } = loaded;

  test.for([
    [{}, ['root']],
    [{ team: 'a' }, ['root']],
    [{ team: 'a', severity: 'ticket' }, ['a', 'root']],
    [{ team: 'a', severity: 'page' }, ['a', 'deep']],
    [{ team: 'b', severity: 'page' }, ['root']],
  ] as const)('%j goes to %j', ([labels, receivers]) => {
    expect(matchingRoutes(config.route, labels).map(({ receiver }) => receiver)).toEqual(receivers);
  });

  test('inherit what they do not say', () => {
    const [page] = matchingRoutes(config.route, { team: 'a' });
    expect(page!.groupBy).toEqual(['job']);
    expect(config.route.routes[0]!.groupBy).toBeUndefined();
    expect(config.resolveTimeoutMs).toBe(60_000);
    expect(config.receivers).toContainEqual({ name: 'a', labels: { owner: 'x', name: 'a' } });
  });
});
