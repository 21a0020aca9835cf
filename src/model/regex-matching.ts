import { ACCEPTING, type NodeSet, REJECTING, RegexAutomaton, RegexWork } from './regex-automaton.ts';
import type { RegexProgram } from './regex-program.ts';

/** Says of one text after the other whether the whole of it matches. */
export class RegexMatching {
  readonly #program: RegexProgram;
  readonly #work: RegexWork;
  #automaton: RegexAutomaton | undefined;
  /** A text that was left in the middle, to make a pause. */
  #paused: { text: string; at: number; set: NodeSet; neighbour: number } | undefined;

  constructor(program: RegexProgram, expression: string) {
    this.#program = program;
    this.#work = new RegexWork(expression);
  }

  /** @throws {PocketCortexError} `execution-error` when the expression makes too much work */
  matches(text: string): boolean {
    for (;;) {
      const verdict = this.tryMatch(text);
      if (verdict !== undefined) return verdict;
    }
  }

  /**
   * As `matches`, but does not hold up others for long: undefined means that it should be asked the same again.
   * @throws {PocketCortexError} `execution-error` when the expression makes too much work
   */
  tryMatch(text: string): boolean | undefined {
    this.#automaton ??= new RegexAutomaton(this.#program, this.#work);
    const automaton = this.#automaton;
    let state: number;
    let at = 0;
    if (this.#paused) {
      const { set, neighbour } = this.#paused;
      if (this.#paused.text === text) at = this.#paused.at;
      state = at === 0 ? automaton.startState() : automaton.restore(set, neighbour);
      this.#paused = undefined;
    } else {
      this.#work.allowFor(text);
      state = automaton.startState();
    }
    for (; at < text.length; at++) {
      let rune = text.charCodeAt(at);
      if (rune >= 0xd800 && rune < 0xdc00) {
        rune = text.codePointAt(at)!;
        if (rune > 0xffff) at += 1;
      }
      let next = automaton.known(state, rune);
      if (next === 0) {
        next = automaton.step(state, rune);
        if (next > ACCEPTING && this.#work.isPauseDue()) {
          this.#paused = { text, at: at + 1, set: automaton.setOf(next), neighbour: automaton.neighbourOf(next) };
          return undefined;
        }
      }
      state = next;
      if (state <= ACCEPTING) return state !== REJECTING;
    }
    return automaton.acceptsEnd(state);
  }
}
