import type { VectorMatching } from '../../../grammar/ast.ts';
import type { Labels } from '../../model/labels.ts';
import { isComparison, isTrimOp, type ValueOp } from './arithmetic.ts';
import { type DropName, dropMetricName, withoutNameMark } from './metric-name.ts';

export interface ResultLabelRules {
  readonly op: ValueOp;
  readonly isBool: boolean;
  readonly matching: VectorMatching;
  readonly dropName: DropName;
}

/**
 * The labels of what two partners make. They are the "many" side's, without the metric name unless the operator only
 * filters or trims; one-to-one, only those that were matched on; with `group_left (owner)`, `owner` comes from the "one" side.
 */
export function resultLabels({
  op,
  isBool,
  matching,
  dropName,
}: ResultLabelRules): (many: Labels, one: Labels) => Labels {
  const names = new Set(matching.labels);
  return (many, one) => {
    let labels = keepsName(op) ? withoutNameMark(many) : dropMetricName(withoutNameMark(many));
    if (matching.cardinality === 'one-to-one') labels = matching.isOn ? labels.only(names) : labels.without(names);
    for (const name of matching.include) labels = labels.with(name, one.get(name));
    // Even a name that `group_left (__name__)` brought does not survive `bool`.
    return isBool ? dropName(labels) : labels;
  };
}

/** Whether results still are the metric: those of operators that only filter or trim. */
export function keepsName(op: ValueOp): boolean {
  return isComparison(op) || isTrimOp(op);
}
