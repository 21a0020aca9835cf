import { quoteGo } from '../../model/go-quote.ts';
import type { QueryResult } from '../../model/query-result.ts';
import { encodeUtf8 } from '../../model/utf8.ts';
import { builtins, NAME_OF_CALLEE, printedValue, zeroElement } from './builtins.ts';
import type { TemplateContext } from './context.ts';
import { histogramField, resultValue, templateData } from './data.ts';
import { assertTextFits, type FunctionError, TemplateExecutionError } from './execution-error.ts';
import { type GoFunction, type ParameterType, QueryRequest } from './functions.ts';
import { methodOf } from './methods.ts';
import { prometheusFunctions } from './prometheus-functions.ts';
import {
  type AnyNode,
  type BranchNode,
  type CommandNode,
  type ListNode,
  type Node,
  nodeText,
  type Operand,
  type PipeNode,
  type TemplateNode,
  type TemplateSet,
  type TemplateTree,
} from './tree.ts';
import {
  boolValue,
  floatValue,
  type GoValue,
  indirect,
  intValue,
  isTrue,
  NIL_INTERFACE,
  NOTHING,
  stringValue,
  typeName,
  unwrap,
} from './values.ts';

/** A template that is to be expanded. */
export interface Expansion {
  readonly templates: TemplateSet;
  /** The one to begin with. */
  readonly name: string;
  /** What they were parsed from, for the places in error texts. */
  readonly text: string;
  readonly context: TemplateContext;
  /** What `.` is at the start, where that is not an alert. */
  readonly data?: GoValue;
  /** What there is in place of the functions that Prometheus adds. */
  readonly functions?: Readonly<Record<string, GoFunction>>;
}

/**
 * An expansion in the middle: yields a query to get its result, and nothing where it could make a pause; returns the
 * text.
 */
export type ExpansionWork = Generator<QueryRequest | undefined, string, QueryResult | undefined>;

/**
 * Expands a template.
 * @throws {TemplateExecutionError}
 */
export function* runTemplate(expansion: Expansion): ExpansionWork {
  const output = new Output();
  const tree = expansion.templates.get(expansion.name)!;
  const run = new TemplateRun({ expansion, output, tree, depth: 0 }, expansion.data ?? templateData(expansion.context));
  yield* run.all();
  return output.text;
}

/** The part of a work that gives a `Result`. */
type Steps<Result> = Generator<QueryRequest | undefined, Result, QueryResult | undefined>;

/** What all templates of an expansion write to, and the steps that they have taken. */
class Output {
  text = '';
  stepCount = 0;
}

/** More than the largest table of results needs, and a few seconds of work. */
const STEP_LIMIT = 2_000_000;
const STEPS_BETWEEN_PAUSES = 256;
/** Go's, for its message; here it is fewer, as our stack is shorter. */
const GO_DEPTH_LIMIT = 100_000;
const DEPTH_LIMIT = 200;

interface TemplateRunOptions {
  readonly expansion: Expansion;
  readonly output: Output;
  readonly tree: TemplateTree;
  /** How many templates have called each other. */
  readonly depth: number;
}

/** How a list came to its end. */
type Outcome = 'done' | 'break' | 'continue';

/** What stands for no last argument from the pipeline. */
const MISSING = undefined;
type Final = GoValue | typeof MISSING;

/** One template at work. */
class TemplateRun {
  readonly #options: TemplateRunOptions;
  readonly #variables: { readonly name: string; value: GoValue }[];
  readonly #data: GoValue;
  /** The node that errors name. */
  #node: AnyNode;

  constructor(options: TemplateRunOptions, data: GoValue) {
    this.#options = options;
    this.#data = data;
    this.#variables = [{ name: '$', value: data }];
    this.#node = options.tree.body;
  }

  *all(): Steps<void> {
    yield* this.#list(this.#data, this.#options.tree.body);
  }

  *#list(dot: GoValue, list: ListNode): Steps<Outcome> {
    this.#node = list;
    for (const node of list.nodes) {
      const outcome = yield* this.#walk(dot, node);
      if (outcome !== 'done') return outcome;
    }
    return 'done';
  }

  *#walk(dot: GoValue, node: Node): Steps<Outcome> {
    this.#node = node;
    yield* this.#step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'done';
      case 'action': {
        const value = yield* this.#pipe(dot, node.pipe);
        this.#node = node;
        if (node.pipe.variables.length === 0) this.#write(printedValue(value));
        return 'done';
      }
      case 'if':
      case 'with': {
        const variableCount = this.#variables.length;
        const value = yield* this.#pipe(dot, node.pipe);
        const list = isTrue(value) ? node.body : node.otherwise;
        const inner = node.kind === 'with' && list === node.body ? value : dot;
        const outcome = list ? yield* this.#list(inner, list) : 'done';
        this.#variables.length = variableCount;
        return outcome;
      }
      case 'range':
        return yield* this.#range(dot, node);
      case 'template':
        yield* this.#template(dot, node);
        return 'done';
      case 'break':
      case 'continue':
        return node.kind;
    }
  }

  *#range(dot: GoValue, node: BranchNode): Steps<Outcome> {
    const variableCount = this.#variables.length;
    const value = yield* this.#pipe(dot, node.pipe);
    const innerCount = this.#variables.length;
    let isEmpty = true;
    let outcome: Outcome = 'done';
    for (const [index, item] of this.#items(value, node)) {
      isEmpty = false;
      this.#setRangeVariables(node.pipe, { index, item });
      const ofBody = yield* this.#list(item, node.body);
      this.#variables.length = innerCount;
      yield* this.#step();
      if (ofBody === 'break') break;
    }
    if (isEmpty && node.otherwise) outcome = yield* this.#list(dot, node.otherwise);
    this.#variables.length = variableCount;
    return outcome;
  }

  *#items(value: GoValue, { pipe }: BranchNode): IterableIterator<[index: GoValue, item: GoValue]> {
    const item = indirect(value) ?? NOTHING;
    switch (item.kind) {
      case 'slice':
        for (const [index, element] of item.items.entries()) yield [intValue(index), element];
        return;
      case 'map':
        for (const [key, element] of item.entries) yield [stringValue(key), element];
        return;
      case 'int':
        if (pipe.variables.length > 1) {
          this.#fail(`can't use ${printedValue(item)} to iterate over more than one variable`);
        }
        for (let i = 0n; i < item.value; i++) yield [NOTHING, intValue(i, item.type)];
        return;
      case 'nothing':
        return;
      default:
        this.#fail(`range can't iterate over ${printedValue(item)}`);
    }
  }

  /** Of one variable the element, of two index and element. */
  #setRangeVariables({ variables, isAssignment }: PipeNode, { index, item }: { index: GoValue; item: GoValue }): void {
    const values = variables.length > 1 ? [index, item] : [item];
    variables.forEach((name, position) => {
      if (isAssignment) this.#assign(name, values[position]!);
      else this.#variables[this.#variables.length - variables.length + position]!.value = values[position]!;
    });
  }

  *#template(dot: GoValue, node: TemplateNode): Steps<void> {
    const { expansion, depth } = this.#options;
    const tree = expansion.templates.get(node.name);
    if (!tree) this.#fail(`template ${quoteGo(node.name)} not defined`);
    if (depth >= DEPTH_LIMIT) this.#fail(`exceeded maximum template depth (${GO_DEPTH_LIMIT})`);
    const data = node.pipe ? yield* this.#pipe(dot, node.pipe) : NOTHING;
    yield* new TemplateRun({ ...this.#options, tree, depth: depth + 1 }, data).all();
  }

  *#pipe(dot: GoValue, pipe: PipeNode): Steps<GoValue> {
    this.#node = pipe;
    let value: Final = MISSING;
    for (const command of pipe.commands) value = unwrap(yield* this.#command(dot, command, value));
    const result = value ?? NOTHING;
    for (const name of pipe.variables) {
      if (pipe.isAssignment) this.#assign(name, result);
      else this.#variables.push({ name, value: result });
    }
    return result;
  }

  #assign(name: string, value: GoValue): void {
    const variable = this.#variables.findLast((candidate) => candidate.name === name);
    if (!variable) this.#fail(`undefined variable: ${name}`);
    variable.value = value;
  }

  *#command(dot: GoValue, command: CommandNode, final: Final): Steps<GoValue> {
    yield* this.#step();
    const { operands } = command;
    const first = operands[0]!;
    switch (first.kind) {
      case 'field':
      case 'chain':
      case 'variable':
        return yield* this.#access(dot, first, { operands, final });
      case 'identifier':
        this.#node = first;
        return yield* this.#function(dot, first.name, { node: command, operands, final });
      case 'pipe':
        this.#assertNoArguments(operands, final);
        return yield* this.#pipe(dot, first);
    }
    this.#node = first;
    this.#assertNoArguments(operands, final);
    if (first.kind === 'nil') this.#fail('nil is not a command');
    return first.kind === 'dot' ? dot : this.#constant(first);
  }

  #assertNoArguments(operands: readonly Operand[], final: Final): void {
    if (operands.length > 1 || final !== MISSING) {
      this.#fail(`can't give argument to non-function ${nodeText(operands[0]!)}`);
    }
  }

  /** The value of a literal where nothing says which type it should have. */
  #constant(literal: Extract<Operand, { kind: 'bool' | 'number' | 'string' }>): GoValue {
    this.#node = literal;
    if (literal.kind === 'bool') return boolValue(literal.value);
    if (literal.kind === 'string') return stringValue(literal.text);
    const { text, number } = literal;
    const isHexadecimal = /^0[xX]/.test(text) && !/[pP]/.test(text);
    if (number.complex) return { kind: 'complex', ...number.complex };
    if (number.float !== undefined && /[.eEpP]/.test(text) && !isHexadecimal && !text.startsWith("'")) {
      return floatValue(number.float);
    }
    if (number.int === undefined) this.#fail(`${text} overflows int`);
    return intValue(number.int);
  }

  /** `.A.B`, `$x.A.B`, `(…).A.B`, whose last part may be a method with arguments. */
  *#access(
    dot: GoValue,
    operand: Extract<Operand, { kind: 'field' | 'variable' | 'chain' }>,
    { operands, final }: { readonly operands: readonly Operand[]; readonly final: Final },
  ): Steps<GoValue> {
    this.#node = operand;
    let value: GoValue;
    let names: readonly string[];
    if (operand.kind === 'field') {
      value = dot;
      names = operand.names;
    } else if (operand.kind === 'variable') {
      const variable = this.#variables.findLast(({ name }) => name === operand.name);
      if (!variable) this.#fail(`undefined variable: ${operand.name}`);
      value = variable.value;
      names = operand.fields;
      if (names.length === 0) this.#assertNoArguments(operands.length === 0 ? [operand] : operands, final);
    } else {
      value = yield* this.#argument(dot, undefined, operand.base);
      names = operand.fields;
    }
    for (const [index, name] of names.entries()) {
      const isLast = index === names.length - 1;
      const call = isLast ? { operands, final } : { operands: [], final: MISSING };
      value = yield* this.#field(dot, name, { ...call, receiver: value, node: operand });
    }
    return value;
  }

  *#field(
    dot: GoValue,
    name: string,
    call: { readonly receiver: GoValue; readonly node: Operand; readonly operands: readonly Operand[]; final: Final },
  ): Steps<GoValue> {
    const { receiver, node, operands, final } = call;
    if (receiver.kind === 'nothing') return NOTHING;
    const type = typeName(receiver);
    if (receiver.kind === 'interface' && receiver.value.kind === 'nothing') {
      this.#fail(`nil pointer evaluating ${type}.${name}`);
    }
    const target = indirect(receiver);
    if (target === undefined) this.#fail(`nil pointer evaluating ${type}.${name}`);
    const method = methodOf(target, name);
    if (method) return yield* this.#call(dot, method, { name, node, operands, final });
    const hasArguments = operands.length > 1 || final !== MISSING;
    if (target.kind === 'map') {
      if (hasArguments) this.#fail(`${name} is not a method but has arguments`);
      return target.entries.get(name) ?? zeroElement(target);
    }
    const field = target.kind === 'struct' ? target.fields.get(name) : undefined;
    const value = target.kind === 'histogram' ? histogramField(target.histogram, name) : field;
    if (value === undefined) this.#fail(`can't evaluate field ${name} in type ${type}`);
    if (hasArguments) this.#fail(`${name} has arguments but cannot be invoked as function`);
    return value;
  }

  *#function(
    dot: GoValue,
    name: string,
    call: { readonly node: AnyNode; readonly operands: readonly Operand[]; readonly final: Final },
  ): Steps<GoValue> {
    if (name === 'and' || name === 'or') return yield* this.#logic(dot, name, call);
    const { functions = prometheusFunctions } = this.#options.expansion;
    const table: Readonly<Record<string, GoFunction>> = Object.hasOwn(builtins, name) ? builtins : functions;
    return yield* this.#call(dot, table[name]!, { ...call, name });
  }

  /** `and` and `or` stop at the first argument that decides. */
  *#logic(
    dot: GoValue,
    name: 'and' | 'or',
    { operands, final }: { readonly operands: readonly Operand[]; readonly final: Final },
  ): Steps<GoValue> {
    const args = operands.slice(1);
    if (args.length === 0 && final === MISSING) this.#fail(`wrong number of args for ${name}: want at least 1 got 0`);
    let value: GoValue = NOTHING;
    for (const arg of args) {
      value = unwrap(yield* this.#argument(dot, 'reflect.Value', arg));
      if (isTrue(value) === (name === 'or')) return value;
    }
    return final ?? value;
  }

  *#call(
    dot: GoValue,
    called: GoFunction,
    call: {
      readonly name: string;
      readonly node: AnyNode;
      readonly operands: readonly Operand[];
      readonly final: Final;
    },
  ): Steps<GoValue> {
    const { name, node, operands, final } = call;
    const { parameters, isVariadic = false } = called;
    const args = operands.slice(1);
    const count = args.length + (final === MISSING ? 0 : 1);
    if (isVariadic && count < parameters.length - 1) {
      this.#fail(`wrong number of args for ${name}: want at least ${parameters.length - 1} got ${args.length}`);
    }
    if (!isVariadic && count !== parameters.length) {
      this.#fail(`wrong number of args for ${name}: want ${parameters.length} got ${count}`);
    }
    if (called.refusal !== undefined) this.#fail(called.refusal);
    const typeAt = (index: number): ParameterType => parameters[Math.min(index, parameters.length - 1)]!;
    const values: GoValue[] = [];
    for (const [index, arg] of args.entries()) values.push(yield* this.#argument(dot, typeAt(index), arg));
    if (final !== MISSING) values.push(this.#assignable(final, typeAt(args.length)));
    try {
      const result = called.call(values, this.#options.expansion.context);
      const value = result instanceof QueryRequest ? resultValue((yield result)!) : result;
      if (value.kind === 'string') assertTextFits(value.value.length);
      return value;
    } catch (error) {
      if (error instanceof TemplateExecutionError) throw error;
      this.#node = node;
      const callee = args[0] ? nodeText(args[0]) : final && calleeText(final);
      this.#fail(`error calling ${name}: ${(error as Error).message.replace(NAME_OF_CALLEE, callee ?? '')}`);
    }
  }

  /** The value of an argument, as a parameter of type `type` takes it; undefined takes anything. */
  *#argument(dot: GoValue, type: ParameterType | undefined, operand: Operand): Steps<GoValue> {
    this.#node = operand;
    switch (operand.kind) {
      case 'dot':
        return this.#assignable(dot, type);
      case 'nil': {
        const zero = type === undefined ? undefined : zeroOf(type);
        if (!zero) this.#fail(`cannot assign nil to ${type}`);
        return zero;
      }
      case 'field':
      case 'variable':
      case 'chain':
        return this.#assignable(yield* this.#access(dot, operand, { operands: [], final: MISSING }), type);
      case 'pipe':
        return this.#assignable(yield* this.#pipe(dot, operand), type);
      case 'identifier': {
        const call = { node: operand, operands: [], final: MISSING };
        return this.#assignable(yield* this.#function(dot, operand.name, call), type);
      }
    }
    switch (type) {
      case undefined:
      case 'interface {}':
      case 'reflect.Value':
        return this.#constant(operand);
      case 'string':
        if (operand.kind !== 'string') this.#fail(`expected string; found ${nodeText(operand)}`);
        return stringValue(operand.text);
      case 'int':
      case 'time.Duration':
        if (operand.kind !== 'number' || operand.number.int === undefined) {
          this.#fail(`expected integer; found ${nodeText(operand)}`);
        }
        return intValue(operand.number.int, type);
      default:
        this.#fail(`can't handle ${nodeText(operand)} for arg of type ${type}`);
    }
  }

  /** `value` for a parameter of type `type`: as it is, what an interface holds, or what a pointer points to. */
  #assignable(value: GoValue, type: ParameterType | undefined): GoValue {
    if (type === undefined) return value;
    if (value.kind === 'nothing') return zeroOf(type) ?? this.#fail(`invalid value; expected ${type}`);
    if (type === 'interface {}' || type === 'reflect.Value' || typeName(value) === type) return value;
    const inner = value.kind === 'interface' && value.value.kind !== 'nothing' ? value.value : value;
    if (typeName(inner) === type) return inner;
    if (inner.kind === 'pointer' && inner.type === `*${type}`) {
      return inner.to ?? this.#fail(`dereference of nil pointer of type ${type}`);
    }
    this.#fail(`wrong type for value; expected ${type}; got ${typeName(inner)}`);
  }

  *#step(): Steps<void> {
    const { output } = this.#options;
    output.stepCount += 1;
    if (output.stepCount > STEP_LIMIT) this.#fail(`template takes more than ${STEP_LIMIT} steps`);
    if (output.stepCount % STEPS_BETWEEN_PAUSES === 0) yield undefined;
  }

  #write(text: string): void {
    const { output } = this.#options;
    output.text += text;
    try {
      assertTextFits(output.text.length);
    } catch (error) {
      this.#fail((error as FunctionError).message);
    }
  }

  #fail(message: string): never {
    const { expansion, tree } = this.#options;
    const before = expansion.text.slice(0, this.#node.offset);
    const lines = before.split('\n');
    const column = encodeUtf8(lines.at(-1)!).length;
    const place = `${expansion.name}:${lines.length}:${column}`;
    throw new TemplateExecutionError(
      `template: ${place}: executing ${quoteGo(tree.name)} at <${nodeText(this.#node)}>: ${message}`,
    );
  }
}

/** What nil is for a parameter; undefined when the type has no nil. */
function zeroOf(type: ParameterType): GoValue | undefined {
  switch (type) {
    case 'interface {}':
      return NIL_INTERFACE;
    case 'reflect.Value':
      return NOTHING;
    case 'template.queryResult':
      return { kind: 'slice', type, items: [] };
    case '*template.sample':
      return { kind: 'pointer', type, to: undefined };
    default:
      return undefined;
  }
}

/** What Go's reflection calls a value that it was to call. */
function calleeText(value: GoValue): string {
  return value.kind === 'string' ? value.value : `<${typeName(value)} Value>`;
}
