import { quoteGo } from '../model/go-quote.ts';
import type { Fields } from './go-yaml-reader.ts';
import { countSet, isSet, listAt, structAt, textAt } from './shapes.ts';

/** What is wrong with a configuration whose parts are right by themselves: the Alertmanager's text. */
export function configProblem(config: Fields): string | undefined {
  const global = structAt(config, 'global') ?? {};
  return globalProblem(global) ?? receiversProblem(config, global) ?? routingProblem(config);
}

const pairsOfGlobal = [
  'slack_app_token',
  'slack_api_url',
  'opsgenie_api_key',
  'victorops_api_key',
  'telegram_bot_token',
  'smtp_auth_password',
  'rocketchat_token',
  'rocketchat_token_id',
  'smtp_auth_secret',
  'wechat_api_secret',
  'mattermost_webhook_url',
];

function globalProblem(global: Fields): string | undefined {
  for (const name of pairsOfGlobal) {
    if (countSet(global, name, `${name}_file`) > 1) return `at most one of ${name} & ${name}_file must be configured`;
  }
  const hasToken = countSet(global, 'slack_app_token', 'slack_app_token_file') > 0;
  const hasUrl = countSet(global, 'slack_api_url', 'slack_api_url_file') > 0;
  const appUrl = textAt(global, 'slack_app_url') || 'https://slack.com/api/chat.postMessage';
  if (hasToken && hasUrl && textAt(global, 'slack_api_url') !== appUrl) {
    return 'at most one of slack_app_token/slack_app_token_file & slack_api_url/slack_api_url_file must be configured';
  }
  return undefined;
}

/** Whether it is set in the integration, or globally under its prefix; in a file counts. */
function isSomewhere(config: Fields, global: Fields, name: string, globalName: string): boolean {
  return countSet(config, name, `${name}_file`) > 0 || countSet(global, globalName, `${globalName}_file`) > 0;
}

type IntegrationCheck = (config: Fields, global: Fields) => string | undefined;

/** By the names of a receiver's lists, in Alertmanager's order. Entries that are null are an error, where there is a text. */
const integrationChecks: readonly (readonly [list: string, missing: string | undefined, check?: IntegrationCheck])[] = [
  ['webhook_configs', 'missing webhook config'],
  [
    'email_configs',
    'missing email config',
    (config, global) => {
      if (!isSet(config, 'smarthost') && !isSet(global, 'smtp_smarthost')) return 'no global SMTP smarthost set';
      return isSet(config, 'from') || isSet(global, 'smtp_from') ? undefined : 'no global SMTP from set';
    },
  ],
  [
    'slack_configs',
    undefined,
    (config, global) => {
      const hasOwn = countSet(config, 'api_url', 'api_url_file', 'app_token', 'app_token_file') > 0;
      const authorization = structAt(structAt(config, 'http_config') ?? {}, 'authorization');
      const ownToken = countSet(config, 'app_token', 'app_token_file') > 0;
      const globalToken = countSet(global, 'slack_app_token', 'slack_app_token_file') > 0;
      const takesGlobalToken = globalToken && !ownToken && !authorization && !isSet(config, 'api_url');
      const globalUrl = countSet(global, 'slack_api_url', 'slack_api_url_file') > 0;
      if (!hasOwn && !takesGlobalToken && !globalUrl) {
        return 'no Slack API URL nor App token set either inline or in a file';
      }
      return ownToken && authorization ? "http authorization can't be set when using Slack App tokens" : undefined;
    },
  ],
  ['pushover_configs', 'missing pushover config'],
  ['pagerduty_configs', 'missing pagerduty config'],
  ['incidentio_configs', 'missing incidentio config'],
  [
    'opsgenie_configs',
    undefined,
    (config, global) =>
      isSomewhere(config, global, 'api_key', 'opsgenie_api_key')
        ? undefined
        : 'no global OpsGenie API Key set either inline or in a file',
  ],
  [
    'wechat_configs',
    undefined,
    (config, global) => {
      if (!isSomewhere(config, global, 'api_secret', 'wechat_api_secret')) {
        return 'no global Wechat Api Secret set either inline or in a file';
      }
      const hasCorp = isSet(config, 'corp_id') || isSet(global, 'wechat_api_corp_id');
      return hasCorp ? undefined : 'no global Wechat CorpID set';
    },
  ],
  [
    'victorops_configs',
    'missing victorops config',
    (config, global) =>
      isSomewhere(config, global, 'api_key', 'victorops_api_key') ? undefined : 'no global VictorOps API Key set',
  ],
  ['sns_configs', 'missing sns config'],
  [
    'telegram_configs',
    'missing telegram config',
    (config, global) =>
      isSomewhere(config, global, 'bot_token', 'telegram_bot_token')
        ? undefined
        : 'missing bot_token or bot_token_file on telegram_config',
  ],
  ['discord_configs', 'missing discord config'],
  ['webex_configs', 'missing webex config'],
  ['msteams_configs', 'missing msteams config'],
  ['msteamsv2_configs', 'missing msteamsv2 config'],
  [
    'jira_configs',
    'missing jira config',
    (config, global) =>
      isSet(config, 'api_url') || isSet(global, 'jira_api_url') ? undefined : 'no global Jira Cloud URL set',
  ],
  [
    'rocketchat_configs',
    undefined,
    (config, global) => {
      if (!isSomewhere(config, global, 'token_id', 'rocketchat_token_id')) {
        return 'no global Rocketchat TokenID set either inline or in a file';
      }
      return isSomewhere(config, global, 'token', 'rocketchat_token')
        ? undefined
        : 'no global Rocketchat Token set either inline or in a file';
    },
  ],
  [
    'mattermost_configs',
    'missing mattermost config',
    (config, global) =>
      isSomewhere(config, global, 'webhook_url', 'mattermost_webhook_url')
        ? undefined
        : 'missing webhook_url or webhook_url_file on mattermost_config',
  ],
];

function receiversProblem(config: Fields, global: Fields): string | undefined {
  const names = new Set<string>();
  for (const receiver of listAt<Fields | undefined>(config, 'receivers')) {
    const name = textAt(receiver ?? {}, 'name');
    if (names.has(name)) return `notification config name ${quoteGo(name)} is not unique`;
    names.add(name);
    for (const [list, missing, check] of integrationChecks) {
      for (const integration of listAt<Fields | undefined>(receiver ?? {}, list)) {
        if (integration === undefined && missing !== undefined) return missing;
        const problem = check?.(integration ?? {}, global);
        if (problem !== undefined) return problem;
      }
    }
  }
  return undefined;
}

function routingProblem(config: Fields): string | undefined {
  const route = structAt(config, 'route');
  if (route === undefined) return 'no routes provided';
  if (!isSet(route, 'receiver')) return 'root route must specify a default receiver';
  const hasMatchers =
    ['match', 'match_re'].some((name) => Object.keys(structAt(route, name) ?? {}).length > 0) ||
    listAt(route, 'matchers').length > 0;
  if (hasMatchers) return 'root route must not have any matchers';
  if (listAt(route, 'mute_time_intervals').length > 0) return 'root route must not have any mute time intervals';
  if (listAt(route, 'active_time_intervals').length > 0) return 'root route must not have any active time intervals';
  const receivers = new Set(listAt<Fields>(config, 'receivers').map((receiver) => textAt(receiver ?? {}, 'name')));
  const unknown = undefinedName(route, (one) => (isSet(one, 'receiver') ? [textAt(one, 'receiver')] : []), receivers);
  if (unknown !== undefined) return `undefined receiver ${quoteGo(unknown)} used in route`;
  const intervals = new Set<string>();
  for (const [list, what] of [
    ['mute_time_intervals', 'mute time interval'],
    ['time_intervals', 'time interval'],
  ] as const) {
    for (const interval of listAt<Fields>(config, list)) {
      const name = textAt(interval ?? {}, 'name');
      if (intervals.has(name)) return `${what} ${quoteGo(name)} is not unique`;
      intervals.add(name);
    }
  }
  const used = (one: Fields): readonly string[] => [
    ...listAt<string>(one, 'active_time_intervals'),
    ...listAt<string>(one, 'mute_time_intervals'),
  ];
  const interval = undefinedName(route, used, intervals);
  return interval === undefined ? undefined : `undefined time interval ${quoteGo(interval)} used in route`;
}

/** The first name in the tree, children before their parents, that is not among the known. */
function undefinedName(
  route: Fields,
  namesOf: (route: Fields) => readonly string[],
  known: ReadonlySet<string>,
): string | undefined {
  for (const child of listAt<Fields | undefined>(route, 'routes')) {
    const name = child && undefinedName(child, namesOf, known);
    if (name !== undefined) return name;
  }
  return namesOf(route).find((name) => !known.has(name));
}
