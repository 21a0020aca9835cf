import type { Fields } from './go-yaml-reader.ts';
import { isSet, listAt, structAt } from './shapes.ts';

/**
 * The first option of a configuration that names a file, in Cortex's words: a tenant must not have the server read its
 * files.
 */
export function forbiddenFile(config: Fields): string | undefined {
  const global = structAt(config, 'global') ?? {};
  const inGlobal = fileOf(global, globalFiles) ?? nestedFile(global);
  if (inGlobal !== undefined) return inGlobal;
  for (const receiver of listAt<Fields | undefined>(config, 'receivers')) {
    for (const [list, files] of Object.entries(integrationFiles)) {
      for (const integration of listAt<Fields | undefined>(receiver ?? {}, list)) {
        const found = integration && (fileOf(integration, files) ?? nestedFile(integration));
        if (found !== undefined) return found;
      }
    }
  }
  return undefined;
}

type Files = readonly (readonly [option: string, message: string])[];

const OPSGENIE = 'setting OpsGenie api_key_file and global opsgenie_api_key_file is not allowed';
const ROCKETCHAT_TOKEN = 'setting RocketChat token_file and global rocketchat_token_file is not allowed';
const ROCKETCHAT_ID = 'setting RocketChat token_id_file and global rocketchat_token_id_file is not allowed';
const SLACK_URL = 'setting Slack api_url_file and global slack_api_url_file is not allowed';
const SLACK_TOKEN = 'setting Slack slack_app_token_file and global slack_app_token_file is not allowed';
const EMAIL_PASSWORD = 'setting Email auth_password_file and global smtp_auth_password_file is not allowed';
const EMAIL_SECRET = 'setting Email auth_secret_file and global smtp_auth_secret_file is not allowed';
const TELEGRAM = 'setting Telegram bot_token_file and global telegram_bot_token_file are not allowed';
const VICTOROPS = 'setting VictorOps api_key_file and global victorops_api_key_file is not allowed';
const WECHAT = 'setting Wechat api_secret_file and global wechat_api_secret_file is not allowed';

const globalFiles: Files = [
  ['opsgenie_api_key_file', OPSGENIE],
  ['rocketchat_token_file', ROCKETCHAT_TOKEN],
  ['rocketchat_token_id_file', ROCKETCHAT_ID],
  ['slack_api_url_file', SLACK_URL],
  ['slack_app_token_file', SLACK_TOKEN],
  ['smtp_auth_password_file', EMAIL_PASSWORD],
  ['smtp_auth_secret_file', EMAIL_SECRET],
  ['telegram_bot_token_file', TELEGRAM],
  ['victorops_api_key_file', VICTOROPS],
  ['wechat_api_secret_file', WECHAT],
];

/** In the order of the receiver's fields. */
const integrationFiles: Readonly<Record<string, Files>> = {
  discord_configs: [['webhook_url_file', 'setting Discord webhook_url_file is not allowed']],
  email_configs: [
    ['auth_password_file', EMAIL_PASSWORD],
    ['auth_secret_file', EMAIL_SECRET],
  ],
  incidentio_configs: [
    ['url_file', 'setting IncidentIO url_file is not allowed'],
    ['alert_source_token_file', 'setting IncidentIO alert_source_token_file is not allowed'],
  ],
  pagerduty_configs: [
    ['routing_key_file', 'setting PagerDuty routing_key_file is not allowed'],
    ['service_key_file', 'setting PagerDuty service_key_file is not allowed'],
  ],
  slack_configs: [
    ['api_url_file', SLACK_URL],
    ['app_token_file', SLACK_TOKEN],
  ],
  webhook_configs: [['url_file', 'setting Webhook url_file is not allowed']],
  opsgenie_configs: [['api_key_file', OPSGENIE]],
  wechat_configs: [['api_secret_file', WECHAT]],
  pushover_configs: [
    ['user_key_file', 'setting PushOver user_key_file is not allowed'],
    ['token_file', 'setting PushOver token_file is not allowed'],
  ],
  victorops_configs: [['api_key_file', VICTOROPS]],
  sns_configs: [],
  telegram_configs: [
    ['bot_token_file', TELEGRAM],
    ['chat_id_file', 'setting Telegram chat_id_file is not allowed'],
  ],
  webex_configs: [],
  msteams_configs: [['webhook_url_file', 'setting MSTeams webhook_url_file is not allowed']],
  msteamsv2_configs: [['webhook_url_file', 'setting MSTeamsV2 webhook_url_file is not allowed']],
  jira_configs: [],
  rocketchat_configs: [
    ['token_id_file', ROCKETCHAT_ID],
    ['token_file', ROCKETCHAT_TOKEN],
  ],
  mattermost_configs: [['webhook_url_file', 'setting Mattermost webhook_url_file is not allowed']],
};

const BEARER = 'setting bearer_token_file and credentials_file is not allowed';
const TLS = 'setting TLS ca_file, cert_file and key_file is not allowed';
const tlsFiles: Files = [
  ['ca_file', TLS],
  ['cert_file', TLS],
  ['key_file', TLS],
];

function fileOf(fields: Fields | undefined, files: Files): string | undefined {
  return files.find(([option]) => isSet(fields, option))?.[1];
}

/** What an HTTP client or TLS is configured with. */
function nestedFile(fields: Fields): string | undefined {
  const http = structAt(fields, 'http_config') ?? {};
  const oauth2 = structAt(http, 'oauth2');
  return (
    fileOf(structAt(http, 'basic_auth'), [
      ['password_file', 'setting password_file is not allowed'],
      ['username_file', 'setting username_file is not allowed'],
    ]) ??
    fileOf(structAt(http, 'authorization'), [['credentials_file', BEARER]]) ??
    fileOf(http, [['bearer_token_file', BEARER]]) ??
    fileOf(oauth2, [
      ['client_certificate_key_file', 'setting OAuth2 client_certificate_key_file is not allowed'],
      ['client_secret_file', 'setting OAuth2 client_secret_file is not allowed'],
    ]) ??
    [structAt(http, 'tls_config'), structAt(oauth2 ?? {}, 'tls_config')]
      .concat([structAt(fields, 'tls_config'), structAt(fields, 'smtp_tls_config')])
      .map((tls) => fileOf(tls, tlsFiles))
      .find((message) => message !== undefined)
  );
}
