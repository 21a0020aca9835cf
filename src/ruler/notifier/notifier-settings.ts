import type { ServerSettings } from '../../config/server-settings.ts';

export interface NotifierLogger {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How alerts are sent, by Cortex's flags. */
export interface NotifierSettings {
  /** `-ruler.alertmanager-url`: separated by commas; empty sends nothing. */
  readonly alertmanagerUrls: string;
  /** `-ruler.alertmanager-discovery`: the hosts are names of SRV records. */
  readonly isDiscovered: boolean;
  /** `-ruler.alertmanager-refresh-interval`: how long SRV records are used. */
  readonly refreshIntervalMs: number;
  /** `-ruler.notification-queue-capacity`: alerts of a tenant. */
  readonly queueCapacity: number;
  /** `-ruler.notification-timeout`: of one request. */
  readonly timeoutMs: number;
  /** `-ruler.alertmanager-client.basic-auth-username` and `-password`: in place of what the URLs say. */
  readonly username: string;
  readonly password: string;
  readonly tls: TlsSettings;
}

/** `-ruler.alertmanager-client.tls-*`; empty where nothing is set. */
export interface TlsSettings {
  readonly certPath: string;
  readonly keyPath: string;
  readonly caPath: string;
  readonly serverName: string;
  readonly insecureSkipVerify: boolean;
}

export function notifierSettingsOf(server: ServerSettings): NotifierSettings {
  return {
    alertmanagerUrls: server.rulerAlertmanagerUrl,
    isDiscovered: server.rulerAlertmanagerDiscovery,
    refreshIntervalMs: server.rulerAlertmanagerRefreshIntervalMs,
    queueCapacity: server.rulerNotificationQueueCapacity,
    timeoutMs: server.rulerNotificationTimeoutMs,
    username: server.rulerNotifierUsername,
    password: server.rulerNotifierPassword,
    tls: {
      certPath: server.rulerNotifierTlsCertPath,
      keyPath: server.rulerNotifierTlsKeyPath,
      caPath: server.rulerNotifierTlsCaPath,
      serverName: server.rulerNotifierTlsServerName,
      insecureSkipVerify: server.rulerNotifierTlsInsecureSkipVerify,
    },
  };
}
