import { quoteGo } from '../model/go-quote.ts';
import { isLegacyLabelName } from '../model/labels.ts';
import { compileRegex } from '../model/regex.ts';
import type { Fields, Shape } from './go-yaml-reader.ts';
import { parseMatchers } from './matchers.ts';
import { receiverShapes } from './receiver-shapes.ts';
import {
  any,
  bool,
  duration,
  hostPort,
  httpConfig,
  isSet,
  labelNameProblem,
  listAt,
  namedTexts,
  secretUrl,
  structAt,
  text,
  textAt,
  textMap,
  texts,
  tlsConfig,
  url,
} from './shapes.ts';
import { timeIntervalShape } from './time-interval-shape.ts';

const labelMap: Shape = { kind: 'map', of: text, check: labelNameProblem };
const regexMap: Shape = {
  kind: 'map',
  of: { kind: 'text', check: (written) => problemOf(() => compileRegex(written), written) },
  check: (map) =>
    labelNameProblem(map) ??
    Object.keys(map)
      .filter((name) => map[name] === undefined)
      .map((name) => `invalid regexp value for ${quoteGo(name)}`)[0],
};
const matchers: Shape = {
  kind: 'list',
  of: { kind: 'text', check: (written) => problemOf(() => parseMatchers(written)) },
};

const global: Shape = {
  kind: 'struct',
  type: 'config.plain',
  fields: {
    resolve_timeout: duration,
    http_config: httpConfig,
    jira_api_url: url,
    ...namedTexts(
      'smtp_from smtp_hello smtp_auth_username smtp_auth_password smtp_auth_password_file smtp_auth_secret',
    ),
    ...namedTexts('smtp_auth_secret_file smtp_auth_identity'),
    smtp_smarthost: hostPort,
    smtp_require_tls: bool,
    smtp_tls_config: tlsConfig,
    smtp_force_implicit_tls: bool,
    slack_api_url: secretUrl,
    ...namedTexts('slack_api_url_file slack_app_token slack_app_token_file'),
    slack_app_url: url,
    pagerduty_url: url,
    opsgenie_api_url: url,
    ...namedTexts('opsgenie_api_key opsgenie_api_key_file'),
    wechat_api_url: url,
    ...namedTexts('wechat_api_secret wechat_api_secret_file wechat_api_corp_id'),
    victorops_api_url: url,
    ...namedTexts('victorops_api_key victorops_api_key_file'),
    telegram_api_url: url,
    ...namedTexts('telegram_bot_token telegram_bot_token_file'),
    webex_api_url: url,
    rocketchat_api_url: url,
    ...namedTexts('rocketchat_token rocketchat_token_file rocketchat_token_id rocketchat_token_id_file'),
    mattermost_webhook_url: secretUrl,
    mattermost_webhook_url_file: text,
  },
};

const route: Shape = {
  kind: 'struct',
  type: 'config.plain',
  itemType: '*config.Route',
  fields: {
    receiver: text,
    group_by: texts,
    match: labelMap,
    match_re: regexMap,
    matchers,
    mute_time_intervals: texts,
    active_time_intervals: texts,
    continue: bool,
    routes: { kind: 'list', of: () => route },
    group_wait: duration,
    group_interval: duration,
    repeat_interval: duration,
  },
  check: routeProblem,
};

function routeProblem(fields: Fields): string | undefined {
  const names = listAt<string>(fields, 'group_by');
  const labels = names.filter((name) => name !== '...');
  const bad = labels.find((name) => !isLegacyLabelName(name));
  if (bad !== undefined) return `invalid label name ${quoteGo(bad)} in group_by list`;
  if (labels.length > 0 && labels.length < names.length) {
    return 'cannot have wildcard group_by (`...`) and other labels at the same time';
  }
  const repeated = labels.find((name, index) => labels.indexOf(name) < index);
  if (repeated !== undefined) return `duplicated label ${quoteGo(repeated)} in group_by`;
  for (const name of ['group_interval', 'repeat_interval']) {
    if (/^0+[a-z]*$/.test(textAt(fields, name))) return `${name} cannot be zero`;
  }
  return undefined;
}

const inhibitRule: Shape = {
  kind: 'struct',
  type: 'common.plain',
  itemType: 'common.InhibitRule',
  fields: {
    name: text,
    source_match: labelMap,
    source_match_re: regexMap,
    source_matchers: matchers,
    target_match: labelMap,
    target_match_re: regexMap,
    target_matchers: matchers,
    equal: texts,
  },
  check: (rule) => {
    const bad = listAt<string>(rule, 'equal').find((name) => !isLegacyLabelName(name));
    return bad === undefined ? undefined : `invalid label name ${quoteGo(bad)} in equal list`;
  },
};

const receiver: Shape = {
  kind: 'struct',
  type: 'config.plain',
  itemType: 'config.Receiver',
  fields: { name: text, labels: textMap, ...receiverShapes },
  check: (fields) => {
    const name = textAt(fields, 'name');
    if (name === '') return 'missing name in receiver';
    const label = structAt(fields, 'labels')?.['name'];
    if (label === undefined || label === name) return undefined;
    return `receiver label "name" must match receiver name ${quoteGo(name)}, got ${quoteGo(`${label}`)}`;
  },
};

function namedIntervals(what: string, itemType: string): Shape {
  return {
    kind: 'list',
    of: {
      kind: 'struct',
      type: 'config.plain',
      itemType,
      fields: { name: text, time_intervals: { kind: 'list', of: timeIntervalShape } },
      check: (fields) => (isSet(fields, 'name') ? undefined : `missing name in ${what}`),
    },
  };
}

/** An Alertmanager's configuration file; `check` is told everything but what it means as a whole. */
export function configShape(check: (config: Fields) => string | undefined): Shape {
  return {
    kind: 'struct',
    type: 'config.plain',
    fields: {
      global,
      route,
      inhibit_rules: { kind: 'list', of: inhibitRule },
      receivers: { kind: 'list', of: receiver },
      templates: texts,
      mute_time_intervals: namedIntervals('mute time interval', 'config.MuteTimeInterval'),
      time_intervals: namedIntervals('time interval', 'config.TimeInterval'),
      tracing: any,
      event_recorder: any,
    },
    check,
  };
}

/** The Alertmanager anchors an expression before it is read, which shows where all of it is quoted. */
function problemOf(action: () => unknown, expression = ''): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(`\`${expression}\``, () => `\`^(?:${expression})$\``);
  }
}
