import type { NotifierLogger, NotifierSettings } from '../../src/ruler/notifier/notifier-settings.ts';

/** Cortex's defaults, with what a test needs otherwise. */
export function notifierSettings(settings: Partial<NotifierSettings> = {}): NotifierSettings {
  return {
    alertmanagerUrls: '',
    isDiscovered: false,
    refreshIntervalMs: 60_000,
    queueCapacity: 10_000,
    timeoutMs: 10_000,
    username: '',
    password: '',
    tls: { certPath: '', keyPath: '', caPath: '', serverName: '', insecureSkipVerify: false },
    ...settings,
  };
}

export const noLogger: NotifierLogger = { warn() {}, error() {} };
