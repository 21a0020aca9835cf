/** The version of Cortex whose behaviour is followed: clients switch features on and off by it. */
const CORTEX_VERSION = '1.21.1';

/** The answer of `status/buildinfo`, and the labels of `cortex_build_info`. */
export const buildInfo = {
  version: CORTEX_VERSION,
  revision: 'pocket-cortex',
  branch: 'main',
  buildUser: '',
  buildDate: '',
  goVersion: `node ${process.version}`,
} as const;

/** By these Grafana knows a Mimir, and what it can do. */
export const mimirInfo = {
  application: 'Grafana Mimir',
  features: {
    ruler_config_api: 'true',
    alertmanager_config_api: 'true',
    query_sharding: 'false',
    federated_rules: 'false',
  },
} as const;
