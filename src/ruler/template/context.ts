import type { NativeHistogram } from '../../model/native-histogram.ts';
import type { QueryResult } from '../../model/query-result.ts';

/** What a template in a label or an annotation of an alert knows. */
export interface TemplateContext {
  /** The template's name in error texts: `__alert_` and the name of the rule. */
  readonly name: string;
  /** The alert's labels as the query gave them, the metric's name included: `$labels`. */
  readonly labels: Readonly<Record<string, string>>;
  /** `$externalLabels` */
  readonly externalLabels: Readonly<Record<string, string>>;
  /** `$externalURL`, and what `externalURL` and `pathPrefix` give. */
  readonly externalUrl: string;
  /** `$value` */
  readonly value: number | NativeHistogram;
  /** What `now` gives: the time the rule is evaluated for. */
  readonly timeMs: number;
  /** What `query` asks: an instant query at the time of the evaluation. */
  readonly query: (query: string) => Promise<QueryResult>;
  /** Told what is wrong, when the expansion fails. */
  readonly onFailure?: (message: string) => void;
}
