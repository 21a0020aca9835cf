import { quoteGo } from '../model/go-quote.ts';
import type { Fields, Shape } from './go-yaml-reader.ts';
import {
  any,
  bool,
  countSet,
  duration,
  goDuration,
  hostPort,
  httpConfig,
  isSet,
  listAt,
  namedTexts,
  secretUrl,
  structAt,
  templateUrl,
  text,
  textAt,
  textDuration,
  textMap,
  texts,
  tlsConfig,
  unsigned,
  url,
} from './shapes.ts';

type Check = (config: Fields) => string | undefined;

/** An integration: its fields beside those that all have, and what it must hold in itself. */
function integration(
  type: string,
  fields: Readonly<Record<string, Shape>>,
  check?: Check,
): Shape & { readonly kind: 'list' } {
  const common = { send_resolved: bool, http_config: httpConfig };
  return { kind: 'list', of: { kind: 'struct', type, fields: { ...common, ...fields }, ...(check && { check }) } };
}

/** The first of these problems that there is. */
function firstOf(...checks: readonly Check[]): Check {
  return (config) => {
    for (const check of checks) {
      const problem = check(config);
      if (problem !== undefined) return problem;
    }
    return undefined;
  };
}

const required =
  (name: string, message: string): Check =>
  (config) =>
    isSet(config, name) ? undefined : message;

const oneOf =
  (first: string, second: string): Check =>
  (config) =>
    countSet(config, first, second) > 0 ? undefined : `one of ${first} or ${second} must be configured`;

const atMostOneOf =
  (first: string, second: string): Check =>
  (config) =>
    countSet(config, first, second) < 2 ? undefined : `at most one of ${first} & ${second} must be configured`;

const exactlyOneOf = (first: string, second: string): Check =>
  firstOf(oneOf(first, second), atMostOneOf(first, second));

function titledField(type: string, name: string): Shape {
  return {
    kind: 'struct',
    type,
    fields: { title: text, value: text, short: bool },
    check: firstOf(
      required('title', `missing title in ${name} field configuration`),
      required('value', `missing value in ${name} field configuration`),
    ),
  };
}

const slackAction: Shape = {
  kind: 'struct',
  type: 'config.plain',
  fields: {
    ...namedTexts('type text url style name value'),
    confirm: {
      kind: 'struct',
      type: 'config.plain',
      fields: namedTexts('text title ok_text dismiss_text'),
      check: required('text', 'missing text in Slack confirmation configuration'),
    },
  },
  check: firstOf(
    required('type', 'missing type in Slack action configuration'),
    required('text', 'missing text in Slack action configuration'),
    (action) => (countSet(action, 'url', 'name') > 0 ? undefined : 'missing name or url in Slack action configuration'),
  ),
};

const slackCheck: Check = firstOf(
  atMostOneOf('api_url', 'api_url_file'),
  atMostOneOf('app_token', 'app_token_file'),
  (config) =>
    countSet(config, 'api_url', 'api_url_file') > 0 && countSet(config, 'app_token', 'app_token_file') > 0
      ? 'at most one of api_url/api_url_file & app_token/app_token_file must be configured'
      : undefined,
  (config) =>
    config['update_message'] && textAt(config, 'api_url') !== 'https://slack.com/api/chat.postMessage'
      ? 'update_message can only be used with bot tokens. api_url must be set to https://slack.com/api/chat.postMessage'
      : undefined,
);

const emailCheck: Check = firstOf(required('to', 'missing to address in email config'), (config) => {
  const names = Object.keys(structAt(config, 'headers') ?? {}).map(canonicalHeader);
  const repeated = names.find((name, index) => names.indexOf(name) < index);
  if (repeated !== undefined) return `duplicate header ${quoteGo(repeated)} in email config`;
  const threading = structAt(config, 'threading');
  if (!threading?.['enabled']) return undefined;
  for (const name of ['References', 'In-Reply-To']) {
    if (names.includes(name)) {
      return `conflicting configuration: threading.enabled conflicts with custom ${name} header`;
    }
  }
  return ['none', 'daily'].includes(textAt(threading, 'thread_by_date'))
    ? undefined
    : "threading.thread_by_date must be either 'none' or 'daily'";
});

/** As Go writes the name of a header: `in-reply-to` is `In-Reply-To`. */
function canonicalHeader(name: string): string {
  return name.toLowerCase().replace(/(^|-)[a-z]/g, (start) => start.toUpperCase());
}

const VICTOROPS_RESERVED =
  'routing_key message_type state_message entity_display_name monitoring_tool entity_id entity_state';

const opsgenieCheck: Check = firstOf(atMostOneOf('api_key', 'api_key_file'), (config) => {
  for (const responder of listAt<Fields>(config, 'responders')) {
    const [id, name, username, type] = ['id', 'name', 'username', 'type'].map((field) => textAt(responder, field));
    const shown = `{${id} ${name} ${username} ${type}}`;
    if (countSet(responder, 'id', 'username', 'name') === 0) {
      return `opsGenieConfig responder ${shown} has to have at least one of id, username or name specified`;
    }
    if (!type!.includes('{{') && !/^(team|teams|user|escalation|schedule)$/i.test(type!)) {
      return `opsGenieConfig responder ${shown} type does not match valid options ^(team|teams|user|escalation|schedule)$`;
    }
  }
  return undefined;
});

const jiraField: Shape = {
  kind: 'either',
  first: text,
  second: { kind: 'struct', type: 'jira.plain', fields: { template: text, enable_update: bool } },
};

const mattermostLook = {
  ...namedTexts('text fallback color pretext author_name author_link author_icon title title_link thumb_url footer'),
  ...namedTexts('footer_icon image_url'),
  fields: { kind: 'list', of: titledField('mattermost.plain', 'Mattermost') },
} as const satisfies Record<string, Shape>;

const lists: Readonly<Record<string, Shape & { readonly kind: 'list' }>> = {
  discord_configs: integration(
    'discord.plain',
    { webhook_url: secretUrl, ...namedTexts('webhook_url_file content title message username avatar_url') },
    exactlyOneOf('webhook_url', 'webhook_url_file'),
  ),
  email_configs: {
    kind: 'list',
    of: {
      kind: 'struct',
      type: 'config.plain',
      fields: {
        send_resolved: bool,
        ...namedTexts('to from hello auth_username auth_password auth_password_file auth_secret auth_secret_file'),
        ...namedTexts('auth_identity html text'),
        smarthost: hostPort,
        headers: textMap,
        require_tls: bool,
        tls_config: tlsConfig,
        force_implicit_tls: bool,
        threading: { kind: 'struct', type: 'config.ThreadingConfig', fields: { enabled: bool, thread_by_date: text } },
      },
      check: emailCheck,
    },
  },
  incidentio_configs: integration(
    'incidentio.plain',
    {
      url,
      ...namedTexts('url_file alert_source_token alert_source_token_file'),
      max_alerts: unsigned,
      timeout: goDuration,
    },
    firstOf(exactlyOneOf('url', 'url_file'), atMostOneOf('alert_source_token', 'alert_source_token_file')),
  ),
  pagerduty_configs: integration(
    'config.plain',
    {
      ...namedTexts('service_key service_key_file routing_key routing_key_file client client_url description source'),
      ...namedTexts('severity class component group'),
      url,
      details: { kind: 'map', of: any },
      images: {
        kind: 'list',
        of: { kind: 'struct', type: 'config.PagerdutyImage', fields: namedTexts('src alt href') },
      },
      links: { kind: 'list', of: { kind: 'struct', type: 'config.PagerdutyLink', fields: namedTexts('href text') } },
      timeout: goDuration,
    },
    firstOf(
      (config) =>
        countSet(config, 'routing_key', 'service_key', 'routing_key_file', 'service_key_file') > 0
          ? undefined
          : 'missing service or routing key in PagerDuty config',
      atMostOneOf('routing_key', 'routing_key_file'),
      atMostOneOf('service_key', 'service_key_file'),
    ),
  ),
  slack_configs: integration(
    'config.plain',
    {
      api_url: secretUrl,
      app_url: url,
      ...namedTexts('api_url_file app_token app_token_file channel username color title title_link pretext text'),
      ...namedTexts('message_text footer fallback callback_id icon_emoji icon_url image_url thumb_url'),
      fields: { kind: 'list', of: titledField('config.plain', 'Slack') },
      short_fields: bool,
      link_names: bool,
      mrkdwn_in: texts,
      actions: { kind: 'list', of: slackAction },
      update_message: bool,
      timeout: goDuration,
    },
    slackCheck,
  ),
  webhook_configs: integration(
    'webhook.plain',
    { url: templateUrl, url_file: text, max_alerts: unsigned, timeout: goDuration, payload: any },
    exactlyOneOf('url', 'url_file'),
  ),
  opsgenie_configs: integration(
    'config.plain',
    {
      ...namedTexts('api_key api_key_file message description source entity actions tags note priority'),
      api_url: url,
      details: textMap,
      responders: {
        kind: 'list',
        of: { kind: 'struct', type: 'config.OpsGenieConfigResponder', fields: namedTexts('id name username type') },
      },
      update_alerts: bool,
    },
    opsgenieCheck,
  ),
  wechat_configs: integration(
    'config.plain',
    {
      ...namedTexts('api_secret api_secret_file corp_id message to_user to_party to_tag agent_id message_type'),
      api_url: url,
    },
    firstOf(
      (config) =>
        /^(text|markdown|)$/.test(textAt(config, 'message_type'))
          ? undefined
          : `weChat message type ${quoteGo(textAt(config, 'message_type'))} does not match valid options ^(text|markdown)$`,
      atMostOneOf('api_secret', 'api_secret_file'),
    ),
  ),
  pushover_configs: integration(
    'config.plain',
    {
      ...namedTexts('user_key user_key_file token token_file title message url url_title device sound priority'),
      retry: textDuration,
      expire: textDuration,
      ttl: textDuration,
      html: bool,
      monospace: bool,
    },
    firstOf(exactlyOneOf('user_key', 'user_key_file'), exactlyOneOf('token', 'token_file'), (config) =>
      config['html'] && config['monospace'] ? 'at most one of monospace & html must be configured' : undefined,
    ),
  ),
  victorops_configs: integration(
    'config.plain',
    {
      ...namedTexts('api_key api_key_file routing_key message_type state_message entity_display_name monitoring_tool'),
      api_url: url,
      custom_fields: textMap,
    },
    firstOf(
      required('routing_key', 'missing Routing key in VictorOps config'),
      atMostOneOf('api_key', 'api_key_file'),
      (config) => {
        const own = structAt(config, 'custom_fields') ?? {};
        const taken = VICTOROPS_RESERVED.split(' ').find((name) => name in own);
        return taken === undefined
          ? undefined
          : `victorOps config contains custom field ${taken} which cannot be used as it conflicts with the fixed/static fields`;
      },
    ),
  ),
  sns_configs: integration(
    'config.plain',
    {
      ...namedTexts('api_url topic_arn phone_number target_arn subject message'),
      sigv4: {
        kind: 'struct',
        type: 'sigv4.plain',
        fields: {
          ...namedTexts('region access_key secret_key profile role_arn external_id service_name'),
          use_fips_sts_endpoint: bool,
        },
      },
      attributes: textMap,
      use_aws_http_client: bool,
    },
    // Of three it takes one, or all: that is how the comparison is written there.
    (config) =>
      countSet(config, 'target_arn', 'topic_arn', 'phone_number') % 2 === 1
        ? undefined
        : 'must provide either a Target ARN, Topic ARN, or Phone Number for SNS config',
  ),
  telegram_configs: integration(
    'config.plain',
    {
      api_url: url,
      ...namedTexts('bot_token bot_token_file chat_id_file message parse_mode'),
      chat_id: { kind: 'integer', type: 'int64' },
      message_thread_id: { kind: 'integer', type: 'int' },
      disable_notifications: bool,
    },
    firstOf(
      atMostOneOf('bot_token', 'bot_token_file'),
      (config) =>
        config['chat_id'] || isSet(config, 'chat_id_file')
          ? undefined
          : 'missing chat_id or chat_id_file on telegram_config',
      (config) =>
        config['chat_id'] && isSet(config, 'chat_id_file')
          ? 'at most one of chat_id & chat_id_file must be configured'
          : undefined,
      (config) =>
        /^(|Markdown|MarkdownV2|HTML)$/.test(textAt(config, 'parse_mode'))
          ? undefined
          : 'unknown parse_mode on telegram_config, must be Markdown, MarkdownV2, HTML or empty string',
    ),
  ),
  webex_configs: integration(
    'config.plain',
    { api_url: url, message: text, room_id: text },
    firstOf(required('room_id', 'missing room_id on webex_config'), (config) =>
      structAt(structAt(config, 'http_config') ?? {}, 'authorization')
        ? undefined
        : 'missing webex_configs.http_config.authorization',
    ),
  ),
  msteams_configs: integration(
    'msteams.plain',
    { webhook_url: secretUrl, ...namedTexts('webhook_url_file title summary text') },
    exactlyOneOf('webhook_url', 'webhook_url_file'),
  ),
  msteamsv2_configs: integration(
    'config.plain',
    { webhook_url: secretUrl, ...namedTexts('webhook_url_file title text') },
    exactlyOneOf('webhook_url', 'webhook_url_file'),
  ),
  jira_configs: integration(
    'jira.plain',
    {
      api_url: url,
      ...namedTexts('api_type project priority issue_type reopen_transition resolve_transition wont_fix_resolution'),
      summary: jiraField,
      description: jiraField,
      labels: texts,
      reopen_duration: duration,
      fields: { kind: 'map', of: any },
    },
    firstOf(
      required('project', 'missing project in jira_config'),
      required('issue_type', 'missing issue_type in jira_config'),
      (config) =>
        config['api_type'] === undefined || /^(auto|cloud|datacenter)$/.test(textAt(config, 'api_type'))
          ? undefined
          : 'unknown api_type on jira_config, must be auto, cloud or datacenter',
    ),
  ),
  rocketchat_configs: integration(
    'config.plain',
    {
      api_url: url,
      ...namedTexts('token_id token_id_file token token_file channel color title title_link text emoji icon_url'),
      ...namedTexts('image_url thumb_url'),
      fields: { kind: 'list', of: any },
      short_fields: bool,
      link_names: bool,
      actions: { kind: 'list', of: any },
    },
    firstOf(atMostOneOf('token', 'token_file'), atMostOneOf('token_id', 'token_id_file')),
  ),
  mattermost_configs: integration(
    'mattermost.plain',
    {
      webhook_url: secretUrl,
      ...namedTexts('webhook_url_file channel username icon_url icon_emoji type'),
      ...mattermostLook,
      attachments: {
        kind: 'list',
        of: { kind: 'struct', type: 'mattermost.MattermostAttachment', fields: mattermostLook },
      },
      props: { kind: 'struct', type: 'mattermost.MattermostProps', fields: { card: text } },
      priority: {
        kind: 'struct',
        type: 'mattermost.MattermostPriority',
        fields: { priority: text, requested_ack: bool, persistent_notifications: bool },
      },
    },
    atMostOneOf('webhook_url', 'webhook_url_file'),
  ),
};

const itemTypes: Readonly<Record<string, string>> = {
  discord_configs: 'discord.DiscordConfig',
  email_configs: 'config.EmailConfig',
  incidentio_configs: 'incidentio.IncidentioConfig',
  pagerduty_configs: 'config.PagerdutyConfig',
  slack_configs: 'config.SlackConfig',
  webhook_configs: 'webhook.WebhookConfig',
  opsgenie_configs: 'config.OpsGenieConfig',
  wechat_configs: 'config.WechatConfig',
  pushover_configs: 'config.PushoverConfig',
  victorops_configs: 'config.VictorOpsConfig',
  sns_configs: 'config.SNSConfig',
  telegram_configs: 'config.TelegramConfig',
  webex_configs: 'config.WebexConfig',
  msteams_configs: 'msteams.MSTeamsConfig',
  msteamsv2_configs: 'config.MSTeamsV2Config',
  jira_configs: 'jira.JiraConfig',
  rocketchat_configs: 'config.RocketchatConfig',
  mattermost_configs: 'mattermost.MattermostConfig',
};

/** What a receiver may notify by, under the names of its lists. */
export const receiverShapes: Readonly<Record<string, Shape>> = Object.fromEntries(
  Object.entries(lists).map(([name, list]) => [name, { ...list, itemType: `*${itemTypes[name]}` }]),
);
