import type { SettingTable } from './setting.ts';

/** The Alertmanager that every tenant has. */
export const alertmanagerSettings = {
  alertmanagerApiEnabled: {
    flag: 'experimental.alertmanager.enable-api',
    yaml: 'alertmanager.enable_api',
    kind: 'bool',
    default: false,
    about: "Serve the API that sets a tenant's Alertmanager configuration: /api/v1/alerts.",
  },
  alertmanagerFallbackConfigFile: {
    flag: 'alertmanager.configs.fallback',
    yaml: 'alertmanager.fallback_config_file',
    kind: 'string',
    default: '',
    about: 'File with the Alertmanager configuration of tenants that have none.',
  },
} as const satisfies SettingTable;
