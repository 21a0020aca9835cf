/** Settings of the whole process that the way in looks at, by Cortex's flags. */
export interface IngestSettings {
  /** `-distributor.shard-by-all-labels`: without it the global limit on metadata does nothing. */
  readonly shardByAllLabels: boolean;
  /** `-ingester.admin-limit-message`. */
  readonly adminLimitMessage: string;
  /** `-ingester.ignore-series-limit-for-metric-names`. */
  readonly unlimitedMetrics: ReadonlySet<string>;
  /** `-name-validation-scheme=utf8`: any UTF-8 text is a name. */
  readonly allowsUtf8Names: boolean;
}

export const defaultIngestSettings: IngestSettings = {
  shardByAllLabels: true,
  adminLimitMessage: 'please contact administrator to raise it',
  unlimitedMetrics: new Set(),
  allowsUtf8Names: false,
};
