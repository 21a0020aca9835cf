import { assert } from './assert.ts';
import { hasNode, type NodeSet, REJECTING, RegexAutomaton, RegexWork } from './regex-automaton.ts';
import { conditionsBetween, EDGE_OF_TEXT, neighbourOf, type RegexProgram } from './regex-program.ts';
import type { Work } from './work.ts';

/** Visits of one character that are nothing unusual: what is beyond counts as work. */
const USUAL_VISITS = 64;

/**
 * What the groups of an expression take of a text, as a backtracking search would find it first, in two linear passes.
 * The text is read backwards, which tells for every position which nodes can still reach the end. Then the graph is
 * walked forwards: of the moves at a node the first one in order of preference is taken that leads to such a node.
 */
export class RegexCaptures {
  readonly #program: RegexProgram;
  readonly #work: RegexWork;
  readonly #backward: RegexAutomaton;
  readonly #seen: Uint32Array;
  #round = 0;
  /** By position: the nodes that may take the character there. Valid for one text. */
  readonly #alive: NodeSet[] = [];

  constructor(program: RegexProgram, expression: string) {
    this.#program = program;
    this.#work = new RegexWork(expression);
    this.#backward = new RegexAutomaton(program, this.#work, { isBackward: true });
    this.#seen = new Uint32Array(program.forward.nodeCount);
  }

  /**
   * Start and end of each group, -1 for one that took no part, when the whole of `text` matches. The caller's.
   * @throws {PocketCortexError} `execution-error` when the expression makes too much work
   */
  *match(text: string): Work<Int32Array | undefined> {
    this.#work.allowFor(text);
    if (!(yield* this.#readBackward(text))) return undefined;
    return yield* this.#walkForward(text);
  }

  *#readBackward(text: string): Work<boolean> {
    const backward = this.#backward;
    let state = backward.startState();
    for (let at = text.length; at > 0; ) {
      at -= widthBefore(text, at);
      const rune = text.codePointAt(at)!;
      let next = backward.known(state, rune);
      if (next === 0) {
        next = backward.step(state, rune);
        if (this.#work.isPauseDue() && next !== REJECTING) {
          const set = backward.setOf(next);
          const neighbour = backward.neighbourOf(next);
          yield;
          // Nobody else uses this automaton, but what is made later may do so.
          next = backward.restore(set, neighbour);
        }
      }
      if (next === REJECTING) return false;
      this.#alive[at] = backward.setOf(next);
      state = next;
    }
    return backward.acceptsEnd(state);
  }

  *#walkForward(text: string): Work<Int32Array> {
    const { forward, captureSlots, groupCount } = this.#program;
    const groups = new Int32Array(2 * (groupCount + 1)).fill(-1);
    /** Nodes to visit; or a slot to set back (as its complement) with the position before it. */
    const stack: number[] = [];
    let node = forward.start;
    for (let at = 0; ; ) {
      this.#round += 1;
      const missing = this.#program.hasConditions ? ~conditionsAt(text, at) : 0;
      const isEnd = at === text.length;
      let visitCount = 0;
      stack.length = 0;
      for (;;) {
        visitCount += 1;
        if (isEnd ? node === forward.accept : hasNode(this.#alive[at]!, node)) break;
        if (node !== forward.accept) this.#visit(node, { at, missing, groups, stack, captureSlots });
        node = nextNode(stack, groups, this.#seen, this.#round);
      }
      if (visitCount > USUAL_VISITS) this.#work.add(visitCount - USUAL_VISITS);
      if (isEnd) break;
      node = forward.runeTo[forward.runeFrom[node]!]!;
      at += widthAt(text, at);
      if (this.#work.isPauseDue()) yield;
    }
    groups[0] = 0;
    groups[1] = text.length;
    return groups;
  }

  /** Puts what follows `node` on the stack, what is preferred on top. */
  #visit(
    node: number,
    {
      at,
      missing,
      groups,
      stack,
      captureSlots,
    }: { at: number; missing: number; groups: Int32Array; stack: number[]; captureSlots: Int32Array },
  ): void {
    this.#seen[node] = this.#round;
    const slot = captureSlots[node]!;
    if (slot >= 0) {
      stack.push(groups[slot]!, ~slot);
      groups[slot] = at;
    }
    const { emptyFrom, emptyTo, emptyConditions } = this.#program.forward;
    for (let move = emptyFrom[node + 1]! - 1; move >= emptyFrom[node]!; move--) {
      if ((emptyConditions[move]! & missing) === 0) stack.push(emptyTo[move]!);
    }
  }
}

/** The next node that was not visited at this position; groups are set back to what they were on the way to it. */
function nextNode(stack: number[], groups: Int32Array, seen: Uint32Array, round: number): number {
  for (;;) {
    const node = stack.pop();
    assert(node !== undefined, 'a way leads from every node that was reached');
    if (node >= 0) {
      if (seen[node] !== round) return node;
    } else {
      groups[~node] = stack.pop()!;
    }
  }
}

function conditionsAt(text: string, at: number): number {
  const left = at === 0 ? EDGE_OF_TEXT : neighbourOf(text.codePointAt(at - widthBefore(text, at))!);
  const right = at === text.length ? EDGE_OF_TEXT : neighbourOf(text.codePointAt(at)!);
  return conditionsBetween(left, right);
}

function widthAt(text: string, at: number): number {
  return text.codePointAt(at)! > 0xffff ? 2 : 1;
}

function widthBefore(text: string, at: number): number {
  return at >= 2 && text.codePointAt(at - 2)! > 0xffff ? 2 : 1;
}
