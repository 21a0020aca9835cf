import type { SettingTable } from './setting.ts';

/** Where Cortex keeps what its parts share. Here that is this process; `/memberlist` tells whether one was asked for. */
export const ringSettings = {
  haTrackerStore: {
    flag: 'distributor.ha-tracker.store',
    yaml: 'distributor.ha_tracker.kvstore.store',
    kind: 'string',
    default: 'consul',
    about: 'Where the elected replicas are kept; here it is always this process.',
  },
} as const satisfies SettingTable;
