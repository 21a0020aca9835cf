import type { IToken } from 'chevrotain';

/** How tightly operators bind, loosest first; the same for durations, which have the last four only. */
const precedences: Readonly<Record<string, number>> = {
  or: 1,
  and: 2,
  unless: 2,
  '==': 3,
  '!=': 3,
  '<': 3,
  '<=': 3,
  '>': 3,
  '>=': 3,
  '</': 3,
  '>/': 3,
  '+': 4,
  '-': 4,
  '*': 5,
  '/': 5,
  '%': 5,
  atan2: 5,
  '^': 6,
};
/** A sign binds like multiplication: `-a ^ b` is `-(a ^ b)`, `-a * b` is `(-a) * b`. */
const SIGN_PRECEDENCE = 5;

interface Pending<Extra> {
  readonly operator: IToken;
  readonly precedence: number;
  readonly isPrefix: boolean;
  readonly extra: Extra | undefined;
}

export interface Combiner<Node, Extra> {
  prefix(operator: IToken, operand: Node): Node;
  infix(left: Node, operator: IToken, right: Node, extra: Extra): Node;
}

/**
 * Operands and operators as they come, combined by precedence as early as the grammar allows (so errors of the
 * combiner come in the order of the text). A flat chain rather than one rule a level of precedence: the parser's stack
 * grows with parentheses only, and a plain selector costs one rule, not seven.
 */
export class OperatorChain<Node, Extra> {
  readonly #combiner: Combiner<Node, Extra>;
  readonly #operands: Node[] = [];
  readonly #pending: Pending<Extra>[] = [];

  constructor(combiner: Combiner<Node, Extra>) {
    this.#combiner = combiner;
  }

  sign(operator: IToken): void {
    this.#pending.push({ operator, precedence: SIGN_PRECEDENCE, isPrefix: true, extra: undefined });
  }

  operand(node: Node): void {
    this.#operands.push(node);
  }

  /** Settles what binds tighter on the left; call it with the operator, before its modifiers are read. */
  settleBefore(operator: IToken): void {
    const precedence = precedences[operator.image.toLowerCase()]!;
    for (;;) {
      const top = this.#pending.at(-1);
      // `^` is the only operator that groups from the right.
      if (!top || top.precedence < precedence || (top.precedence === precedence && operator.image === '^')) return;
      this.#settleTop();
    }
  }

  infix(operator: IToken, extra: Extra): void {
    const precedence = precedences[operator.image.toLowerCase()]!;
    this.#pending.push({ operator, precedence, isPrefix: false, extra });
  }

  finish(): Node {
    while (this.#pending.length > 0) this.#settleTop();
    return this.#operands.pop()!;
  }

  #settleTop(): void {
    const { operator, isPrefix, extra } = this.#pending.pop()!;
    const right = this.#operands.pop()!;
    const combined = isPrefix
      ? this.#combiner.prefix(operator, right)
      : this.#combiner.infix(this.#operands.pop()!, operator, right, extra as Extra);
    this.#operands.push(combined);
  }
}
