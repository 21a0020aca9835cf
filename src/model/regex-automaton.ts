import { assert } from './assert.ts';
import { PocketCortexError } from './errors.ts';
import { conditionsBetween, EDGE_OF_TEXT, neighbourOf, type RegexGraph, type RegexProgram } from './regex-program.ts';

/*
 * A deterministic automaton that is built while it reads. A state is the set of nodes of the graph that are reached so
 * far; what character leads where is looked up in a table, one row a state and one column a class of characters, which
 * starts out empty. So a text costs one look-up a character, and the walk through the graph is paid for once a state:
 *
 *              class:  end of text   [0-9]   [a-z]   …
 *   state 3  {a, b}        1          17       0        0: not known yet, 1: no match, 2: match, whatever comes
 *
 * Tables are bounded: when they are full they are emptied and begin again. An expression that keeps needing new states
 * is bounded by the work it may make.
 */

/** A set of nodes: a sorted list, or bits where these are smaller. */
export type NodeSet = Int32Array | Uint32Array;

export function hasNode(set: NodeSet, node: number): boolean {
  if (set instanceof Uint32Array) return ((set[node >>> 5]! >>> (node & 31)) & 1) === 1;
  let low = 0;
  let high = set.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (set[middle]! < node) low = middle + 1;
    else high = middle;
  }
  return set[low] === node;
}

const UNKNOWN = 0;
/** No text matches from here. */
export const REJECTING = 1;
/** Every text matches from here. */
export const ACCEPTING = 2;
const FIRST_STATE = 3;

/** The class of the end of the text. */
const END_CLASS = 0;

/** Between tables and sets of one automaton. */
const MEMORY_BYTES = 8 << 20;
/** For everything that a state has beside its set and its row. */
const STATE_OVERHEAD_BYTES = 100;

/** Nodes that are visited in one go, in about 3 ms. */
const WORK_AT_ONCE = 250_000;
/** Nodes that one expression may visit before it is given up, in about half a second; so many more for a character. */
const WORK_LIMIT = 40_000_000;
const WORK_PER_CHARACTER = 100;

/** The work that all uses of one expression make together. */
export class RegexWork {
  readonly #expression: string;
  #done = 0;
  #limit = WORK_LIMIT;
  #pauseAt = WORK_AT_ONCE;

  constructor(expression: string) {
    this.#expression = expression;
  }

  /** @throws {PocketCortexError} `execution-error` when it was too much */
  add(visitCount: number): void {
    this.#done += visitCount;
    if (this.#done > this.#limit) throw tooCostly(this.#expression);
  }

  /** Texts bring their own allowance, so that an expression may serve for ever. */
  allowFor(text: string): void {
    this.#limit += WORK_PER_CHARACTER * text.length;
  }

  /** Whether so much was done since this last said so that others should get their turn. */
  isPauseDue(): boolean {
    if (this.#done < this.#pauseAt) return false;
    this.#pauseAt = this.#done + WORK_AT_ONCE;
    return true;
  }
}

export class RegexAutomaton {
  readonly #graph: RegexGraph;
  readonly #program: RegexProgram;
  readonly #isBackward: boolean;
  readonly #work: RegexWork;

  /** Columns. Class 0 is the end of the text. */
  #classCount = 1;
  #classLimit = 4;
  readonly #classOfAscii = new Uint16Array(128);
  readonly #classOfRune = new Map<number, number>();
  readonly #classBySignature = new Map<string, number>();
  readonly #passesOfClass: Uint8Array[] = [new Uint8Array(0)];
  readonly #neighbourOfClass: number[] = [EDGE_OF_TEXT];

  /** Rows. */
  #table = new Int32Array(0);
  #stateLimit = 0;
  #sets: (NodeSet | undefined)[] = [];
  #neighbours: number[] = [];
  #stateByHash = new Map<number, number[]>();
  #memoryBytes = 0;
  #generation = 0;
  #start = UNKNOWN;

  readonly #seen: Uint32Array;
  readonly #added: Uint32Array;
  #round = 0;
  readonly #stack: Int32Array;
  readonly #next: Int32Array;

  constructor(program: RegexProgram, work: RegexWork, { isBackward = false } = {}) {
    this.#program = program;
    this.#graph = isBackward ? program.backward : program.forward;
    this.#isBackward = isBackward;
    this.#work = work;
    const { nodeCount } = this.#graph;
    this.#seen = new Uint32Array(nodeCount);
    this.#added = new Uint32Array(nodeCount);
    this.#stack = new Int32Array(nodeCount);
    this.#next = new Int32Array(nodeCount);
    this.#clear();
  }

  /** The state before the first character. Valid, as every state, until `generation` changes. */
  startState(): number {
    if (this.#start === UNKNOWN) this.#start = this.#intern(Int32Array.of(this.#graph.start), EDGE_OF_TEXT);
    return this.#start;
  }

  /** Changes whenever all states are forgotten. */
  get generation(): number {
    return this.#generation;
  }

  setOf(state: number): NodeSet {
    return this.#sets[state]!;
  }

  /** The same state after all were forgotten. */
  restore(set: NodeSet, neighbour: number): number {
    return this.#intern(set, neighbour);
  }

  neighbourOf(state: number): number {
    return this.#neighbours[state]!;
  }

  /** Where `rune` leads; 0 when that is not known yet. */
  known(state: number, rune: number): number {
    const runeClass = rune < 128 ? this.#classOfAscii[rune]! : (this.#classOfRune.get(rune) ?? 0);
    return runeClass === END_CLASS ? UNKNOWN : this.#table[state * this.#classLimit + runeClass]!;
  }

  /**
   * Where `rune` leads. May forget all other states.
   * @throws {PocketCortexError} `execution-error` when the expression makes too much work
   */
  step(state: number, rune: number): number {
    return this.#follow(state, this.#classOf(rune));
  }

  /** Whether a text that ends here matches. */
  acceptsEnd(state: number): boolean {
    if (state < FIRST_STATE) return state === ACCEPTING;
    return this.#follow(state, END_CLASS) === ACCEPTING;
  }

  #follow(state: number, runeClass: number): number {
    const known = this.#table[state * this.#classLimit + runeClass]!;
    if (known !== UNKNOWN) return known;
    const generation = this.#generation;
    const next = this.#reach(state, runeClass);
    if (generation === this.#generation) this.#table[state * this.#classLimit + runeClass] = next;
    return next;
  }

  /** Walks the graph: from the nodes of `state` over empty moves, then over the character. */
  #reach(state: number, runeClass: number): number {
    const { emptyFrom, emptyTo, emptyConditions, runeFrom, runeTo, runeTests, accept } = this.#graph;
    const { hasConditions, isAcceptingAll } = this.#program;
    const seen = this.#seen;
    const added = this.#added;
    const stack = this.#stack;
    const next = this.#next;
    const passes = this.#passesOfClass[runeClass]!;
    const neighbour = this.#neighbourOfClass[runeClass]!;
    const missing = hasConditions ? ~this.#conditions(this.#neighbours[state]!, neighbour) : 0;
    const round = this.#nextRound();
    const isForward = !this.#isBackward;
    let depth = unpack(this.#sets[state]!, stack);
    let nextCount = 0;
    let visitCount = 0;
    let isAccepting = false;
    for (let i = 0; i < depth; i++) seen[stack[i]!] = round;
    while (depth > 0) {
      const node = stack[--depth]!;
      visitCount += 1;
      if (node === accept) isAccepting = true;
      if (isForward && isAcceptingAll[node] === 1) return ACCEPTING;
      for (let move = emptyFrom[node]!; move < emptyFrom[node + 1]!; move++) {
        const to = emptyTo[move]!;
        if (seen[to] === round || (emptyConditions[move]! & missing) !== 0) continue;
        seen[to] = round;
        stack[depth++] = to;
      }
      if (runeClass === END_CLASS) continue;
      for (let move = runeFrom[node]!; move < runeFrom[node + 1]!; move++) {
        visitCount += 1;
        const to = runeTo[move]!;
        if (added[to] === round || passes[runeTests[move]!] === 0) continue;
        added[to] = round;
        next[nextCount++] = to;
      }
    }
    this.#work.add(visitCount);
    if (runeClass === END_CLASS) return isAccepting ? ACCEPTING : REJECTING;
    if (nextCount === 0) return REJECTING;
    return this.#intern(pack(next.subarray(0, nextCount), this.#graph.nodeCount), hasConditions ? neighbour : 0);
  }

  #conditions(last: number, next: number): number {
    return this.#isBackward ? conditionsBetween(next, last) : conditionsBetween(last, next);
  }

  #nextRound(): number {
    this.#round += 1;
    if (this.#round > 0xffffffff) {
      this.#seen.fill(0);
      this.#added.fill(0);
      this.#round = 1;
    }
    return this.#round;
  }

  #intern(set: NodeSet, neighbour: number): number {
    const hash = hashSet(set, neighbour);
    const known = this.#stateByHash.get(hash);
    if (known) {
      for (const state of known) {
        if (this.#neighbours[state] === neighbour && areSame(this.#sets[state]!, set)) return state;
      }
    }
    const bytes = STATE_OVERHEAD_BYTES + set.byteLength + 4 * this.#classLimit;
    if (this.#memoryBytes + bytes > MEMORY_BYTES && this.#sets.length > FIRST_STATE) this.#clear();
    this.#memoryBytes += bytes;
    const state = this.#sets.length;
    this.#sets.push(set);
    this.#neighbours.push(neighbour);
    const bucket = this.#stateByHash.get(hash);
    if (bucket) bucket.push(state);
    else this.#stateByHash.set(hash, [state]);
    if (state >= this.#stateLimit) this.#resize(Math.max(8, this.#stateLimit * 2), this.#classLimit);
    return state;
  }

  #clear(): void {
    this.#sets = [undefined, undefined, undefined];
    this.#neighbours = [0, 0, 0];
    this.#stateByHash = new Map();
    this.#memoryBytes = 0;
    this.#generation += 1;
    this.#start = UNKNOWN;
    this.#table.fill(UNKNOWN);
    for (let state = REJECTING; state <= ACCEPTING; state++) this.#loop(state);
  }

  /** From a state that has decided nothing leads away. */
  #loop(state: number): void {
    const row = state * this.#classLimit;
    this.#table.fill(state, row, row + this.#classLimit);
  }

  #resize(stateLimit: number, classLimit: number): void {
    const table = new Int32Array(stateLimit * classLimit);
    for (let state = 0; state < this.#stateLimit; state++) {
      const row = state * this.#classLimit;
      table.set(this.#table.subarray(row, row + this.#classLimit), state * classLimit);
    }
    this.#memoryBytes += 4 * this.#sets.length * (classLimit - this.#classLimit);
    this.#table = table;
    this.#stateLimit = stateLimit;
    this.#classLimit = classLimit;
    this.#loop(REJECTING);
    this.#loop(ACCEPTING);
  }

  #classOf(rune: number): number {
    const known = rune < 128 ? this.#classOfAscii[rune]! : (this.#classOfRune.get(rune) ?? 0);
    if (known !== END_CLASS) return known;
    const runeClass = this.#classify(rune);
    if (rune < 128) this.#classOfAscii[rune] = runeClass;
    else this.#classOfRune.set(rune, runeClass);
    return runeClass;
  }

  /** Characters that pass the same tests share a class. */
  #classify(rune: number): number {
    const { tests, hasConditions } = this.#program;
    const passes = new Uint8Array(tests.length);
    const neighbour = hasConditions ? neighbourOf(rune) : EDGE_OF_TEXT;
    let signature = `${neighbour}`;
    for (let i = 0; i < tests.length; i++) {
      if (!tests[i]!(rune)) continue;
      passes[i] = 1;
      signature += ` ${i}`;
    }
    this.#work.add(tests.length);
    const known = this.#classBySignature.get(signature);
    if (known !== undefined) return known;
    const runeClass = this.#classCount++;
    assert(runeClass < 65_536, 'the classes of an expression are few');
    this.#classBySignature.set(signature, runeClass);
    this.#passesOfClass.push(passes);
    this.#neighbourOfClass.push(neighbour);
    if (this.#classCount > this.#classLimit) this.#resize(this.#stateLimit, this.#classLimit * 2);
    return runeClass;
  }
}

function pack(nodes: Int32Array, nodeCount: number): NodeSet {
  if (nodes.length * 32 < nodeCount) return nodes.slice().sort();
  const bits = new Uint32Array((nodeCount + 31) >>> 5);
  for (let i = 0; i < nodes.length; i++) bits[nodes[i]! >>> 5]! |= 1 << (nodes[i]! & 31);
  return bits;
}

/** Writes the nodes of `set` to the head of `into`; returns how many they are. */
function unpack(set: NodeSet, into: Int32Array): number {
  if (set instanceof Int32Array) {
    into.set(set);
    return set.length;
  }
  let count = 0;
  for (let i = 0; i < set.length; i++) {
    for (let word = set[i]!; word !== 0; word &= word - 1) into[count++] = i * 32 + (31 - Math.clz32(word & -word));
  }
  return count;
}

function hashSet(set: NodeSet, neighbour: number): number {
  let hash = neighbour + 1;
  for (let i = 0; i < set.length; i++) {
    hash = Math.imul(hash ^ set[i]!, 0x01000193);
    hash ^= hash >>> 15;
  }
  return hash;
}

function areSame(a: NodeSet, b: NodeSet): boolean {
  if (a.length !== b.length || a instanceof Int32Array !== b instanceof Int32Array) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function tooCostly(expression: string): PocketCortexError {
  const shown = expression.length > 40 ? `${expression.slice(0, 40)}...` : expression;
  return new PocketCortexError('execution-error', `matching the regular expression \`${shown}\` takes too much work`);
}
