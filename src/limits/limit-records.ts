/** A limit for the series that have these labels; without any, for those that no other limit of the list is for. */
export interface LabelSetLimit {
  readonly limits: { readonly maxSeries: number };
  readonly labelSet: Readonly<Record<string, string>>;
}

/** What a query has to be like. Only what is set counts, and all of it; an attribute without anything is like none. */
export interface QueryAttribute {
  /** `query`, `query_range`, `series`, `labels` or `label_values`. */
  readonly apiType: string;
  /** Found anywhere in the query, or in one of the selectors of `series` and its like. */
  readonly regex: string;
  /** How long ago the data that is read may begin and end. */
  readonly timeWindow: { readonly startMs: number; readonly endMs: number };
  readonly timeRangeLimit: { readonly minMs: number; readonly maxMs: number };
  readonly queryStepLimit: { readonly minMs: number; readonly maxMs: number };
  /** Found anywhere in the header `User-Agent`. */
  readonly userAgentRegex: string;
  /** Exactly the header `X-Dashboard-Uid`. */
  readonly dashboardUid: string;
  /** Exactly the header `X-Panel-Id`. */
  readonly panelId: string;
}

export interface RuleGroupName {
  readonly namespace: string;
  readonly name: string;
}
