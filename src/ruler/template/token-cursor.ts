import type { Token } from './lexer.ts';

/** Goes over tokens, spaces included: where a space stands matters between operands. The last token never goes by. */
export class TokenCursor {
  readonly #tokens: readonly Token[];
  #index = 0;
  #farthest = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(): Token {
    this.#farthest = Math.max(this.#farthest, this.#index);
    return this.#tokens[this.#index]!;
  }

  next(): Token {
    const token = this.peek();
    this.#index = Math.min(this.#index + 1, this.#tokens.length - 1);
    return token;
  }

  peekNonSpace(): Token {
    while (this.peek().kind === 'space') this.next();
    return this.peek();
  }

  nextNonSpace(): Token {
    this.peekNonSpace();
    return this.next();
  }

  /** For `rewind`. */
  get position(): number {
    return this.#index;
  }

  rewind(position: number): void {
    this.#index = position;
  }

  /** The line of the last token that anybody looked at: errors of Go name that one, wherever the mistake is. */
  get line(): number {
    return this.#tokens[this.#farthest]!.line;
  }
}
