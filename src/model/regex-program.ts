import type { RE2JS } from 're2js';
import { assert } from './assert.ts';

/**
 * A compiled expression as a graph: nodes, moves that cost no character (in order of preference, some under conditions),
 * and moves over one character. All of it flat, node `i` having the moves `from[i]` up to `from[i + 1]`. Frozen.
 */
export interface RegexGraph {
  readonly nodeCount: number;
  readonly start: number;
  readonly accept: number;
  readonly emptyFrom: Int32Array;
  readonly emptyTo: Int32Array;
  /** What must hold between two characters for the move: bits as `conditionsBetween` gives them. */
  readonly emptyConditions: Uint8Array;
  readonly runeFrom: Int32Array;
  readonly runeTo: Int32Array;
  /** An index into the program's tests. */
  readonly runeTests: Int32Array;
}

export interface RegexProgram {
  readonly forward: RegexGraph;
  /** The forward graph with every move turned round: it reads texts from their end. */
  readonly backward: RegexGraph;
  /** Each says whether a character (a code point) is one of its kind; none occurs twice. */
  readonly tests: readonly ((rune: number) => boolean)[];
  readonly hasConditions: boolean;
  /** From which node on, in the forward graph, whatever comes is accepted. */
  readonly isAcceptingAll: Uint8Array;
  /** Where node `i` of the forward graph notes its position: two slots for each group; -1 for nowhere. */
  readonly captureSlots: Int32Array;
  /** The whole match is group 0. */
  readonly groupCount: number;
}

/** The kinds of neighbours that conditions ask for. */
export const EDGE_OF_TEXT = 0;
const NEWLINE = 1;
const WORD = 2;
const OTHER = 3;

/** What a condition sees in a character. */
export function neighbourOf(rune: number): number {
  if (rune === 10) return NEWLINE;
  const isWord = (rune >= 97 && rune <= 122) || (rune >= 65 && rune <= 90) || (rune >= 48 && rune <= 57) || rune === 95;
  return isWord ? WORD : OTHER;
}

/** Which conditions hold between two neighbours: the bits that RE2 programs carry for `^`, `$`, `\A`, `\z`, `\b`, `\B`. */
export function conditionsBetween(left: number, right: number): number {
  const beginLine = left === EDGE_OF_TEXT || left === NEWLINE ? 1 : 0;
  const endLine = right === EDGE_OF_TEXT || right === NEWLINE ? 2 : 0;
  const beginText = left === EDGE_OF_TEXT ? 4 : 0;
  const endText = right === EDGE_OF_TEXT ? 8 : 0;
  const word = (left === WORD) !== (right === WORD) ? 16 : 32;
  return beginLine | endLine | beginText | endText | word;
}

/** The operations of re2js's programs, which are those of Go's. */
const ALT = 1;
const ALT_MATCH = 2;
const CAPTURE = 3;
const EMPTY_WIDTH = 4;
const FAIL = 5;
const MATCH = 6;
const NOP = 7;
const RUNE_FIRST = 8;
const RUNE_ANY = 10;
const RUNE_LAST = 11;

interface Instruction {
  readonly op: number;
  readonly out: number;
  readonly arg: number;
  readonly runes: Int32Array;
  readonly matchRune: (rune: number) => boolean;
}

/** Reads the program that re2js compiled. */
export function readProgram(compiled: RE2JS): RegexProgram {
  const { inst, start }: { inst: readonly Instruction[]; start: number } = compiled.re2().prog;
  const nodeCount = inst.length;
  const moves = new MoveList(nodeCount);
  const tests = new TestTable();
  const captureSlots = new Int32Array(nodeCount).fill(-1);
  let accept = 0;
  let hasConditions = false;
  inst.forEach((instruction, node) => {
    const { op, out, arg } = instruction;
    switch (op) {
      case ALT:
      case ALT_MATCH:
        moves.addEmpty(node, out, 0);
        moves.addEmpty(node, arg, 0);
        break;
      case CAPTURE:
        captureSlots[node] = arg;
        moves.addEmpty(node, out, 0);
        break;
      case NOP:
        moves.addEmpty(node, out, 0);
        break;
      case EMPTY_WIDTH:
        hasConditions = true;
        moves.addEmpty(node, out, arg);
        break;
      case MATCH:
        accept = node;
        break;
      case FAIL:
        break;
      default:
        assert(op >= RUNE_FIRST && op <= RUNE_LAST, 'a program has known instructions');
        moves.addRune(node, out, tests.indexOf(instruction));
    }
  });
  const forward = { nodeCount, start, accept, ...moves.layOut() };
  return {
    forward,
    backward: { nodeCount, start: accept, accept: start, ...moves.layOutBackward() },
    tests: tests.tests,
    hasConditions,
    isAcceptingAll: findAcceptingAll(forward, inst),
    captureSlots,
    groupCount: compiled.groupCount(),
  };
}

type Layout = Omit<RegexGraph, 'nodeCount' | 'start' | 'accept'>;

class MoveList {
  readonly #nodeCount: number;
  readonly #empty: { from: number[]; to: number[]; data: number[] } = { from: [], to: [], data: [] };
  readonly #rune: { from: number[]; to: number[]; data: number[] } = { from: [], to: [], data: [] };

  constructor(nodeCount: number) {
    this.#nodeCount = nodeCount;
  }

  addEmpty(from: number, to: number, conditions: number): void {
    this.#empty.from.push(from);
    this.#empty.to.push(to);
    this.#empty.data.push(conditions);
  }

  addRune(from: number, to: number, test: number): void {
    this.#rune.from.push(from);
    this.#rune.to.push(to);
    this.#rune.data.push(test);
  }

  layOut(): Layout {
    const empty = groupMoves(this.#nodeCount, this.#empty.from, this.#empty.to, this.#empty.data);
    const rune = groupMoves(this.#nodeCount, this.#rune.from, this.#rune.to, this.#rune.data);
    return layoutOf(empty, rune);
  }

  layOutBackward(): Layout {
    const empty = groupMoves(this.#nodeCount, this.#empty.to, this.#empty.from, this.#empty.data);
    const rune = groupMoves(this.#nodeCount, this.#rune.to, this.#rune.from, this.#rune.data);
    return layoutOf(empty, rune);
  }
}

interface GroupedMoves {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly data: Int32Array;
}

function layoutOf(empty: GroupedMoves, rune: GroupedMoves): Layout {
  return {
    emptyFrom: empty.from,
    emptyTo: empty.to,
    emptyConditions: Uint8Array.from(empty.data),
    runeFrom: rune.from,
    runeTo: rune.to,
    runeTests: rune.data,
  };
}

/** The moves of each node side by side, in the order they were added. */
function groupMoves(
  nodeCount: number,
  from: readonly number[],
  to: readonly number[],
  data: readonly number[],
): GroupedMoves {
  const starts = new Int32Array(nodeCount + 1);
  for (const node of from) starts[node + 1]! += 1;
  for (let node = 0; node < nodeCount; node++) starts[node + 1]! += starts[node]!;
  const next = starts.slice();
  const grouped = { from: starts, to: new Int32Array(from.length), data: new Int32Array(from.length) };
  for (let i = 0; i < from.length; i++) {
    const at = next[from[i]!]!++;
    grouped.to[at] = to[i]!;
    grouped.data[at] = data[i]!;
  }
  return grouped;
}

/** Kinds of characters, each once: expressions repeat theirs a thousand times. */
class TestTable {
  readonly tests: ((rune: number) => boolean)[] = [];
  readonly #instructions: Instruction[] = [];
  readonly #byHash = new Map<number, number[]>();

  indexOf(instruction: Instruction): number {
    const hash = hashRunes(instruction);
    let known = this.#byHash.get(hash);
    if (!known) {
      known = [];
      this.#byHash.set(hash, known);
    }
    for (const index of known) if (areSame(this.#instructions[index]!, instruction)) return index;
    known.push(this.tests.length);
    this.#instructions.push(instruction);
    this.tests.push((rune) => instruction.matchRune(rune));
    return this.tests.length - 1;
  }
}

/** Bit 0 of the argument says that case does not matter, which only single characters know. */
function hashRunes({ runes, arg }: Instruction): number {
  let hash = arg & 1;
  for (let i = 0; i < runes.length; i++) hash = Math.imul(hash ^ runes[i]!, 0x01000193);
  return hash;
}

function areSame(a: Instruction, b: Instruction): boolean {
  if (a.runes === b.runes) return (a.arg & 1) === (b.arg & 1);
  if (a.runes.length !== b.runes.length || (a.arg & 1) !== (b.arg & 1)) return false;
  for (let i = 0; i < a.runes.length; i++) if (a.runes[i] !== b.runes[i]) return false;
  return true;
}

/** The way from a loop to the end that is worth looking for. */
const SHORT_WAY = 32;

/** The loops over any character that may end where the expression does: `.*` at the end of an alternative. */
function findAcceptingAll(graph: RegexGraph, inst: readonly Instruction[]): Uint8Array {
  const found = new Uint8Array(graph.nodeCount);
  inst.forEach(({ op, out: loop }, node) => {
    if (op !== RUNE_ANY || found[loop]) return;
    const { op: loopOp, out, arg } = inst[loop]!;
    if ((loopOp !== ALT && loopOp !== ALT_MATCH) || (out !== node && arg !== node)) return;
    if (leadsToAccept(graph, loop)) found[loop] = 1;
  });
  return found;
}

function leadsToAccept(graph: RegexGraph, from: number): boolean {
  const reached = [from];
  for (let i = 0; i < reached.length && i < SHORT_WAY; i++) {
    const node = reached[i]!;
    if (node === graph.accept) return true;
    for (let move = graph.emptyFrom[node]!; move < graph.emptyFrom[node + 1]!; move++) {
      if (graph.emptyConditions[move] === 0) reached.push(graph.emptyTo[move]!);
    }
  }
  return false;
}
