import { quoteGo } from '../../model/go-quote.ts';
import { isFunctionName } from './function-names.ts';
import { isKeyword, scanTemplate, type Token, type TokenKind } from './lexer.ts';
import { LiteralError, readComplex, readNumber, readRune, readString } from './literals.ts';
import { TokenCursor } from './token-cursor.ts';
import {
  type BranchNode,
  type CommandNode,
  type ListNode,
  type Node,
  nodeText,
  type Operand,
  type PipeNode,
  type TemplateSet,
  type TemplateTree,
} from './tree.ts';

/** What is wrong with a template's syntax, in Go's words. */
export class TemplateSyntaxError extends Error {}

/**
 * Parses a template with all that it defines.
 * @param isFunction whether a template may call a function of this name
 * @throws {TemplateSyntaxError} `template: name:1: unclosed action`
 */
export function parseTemplate(
  name: string,
  text: string,
  isFunction: (name: string) => boolean = isFunctionName,
): TemplateSet {
  const tokens = new TokenCursor(scanTemplate(text));
  const file: TemplateFile = { name, tokens, trees: new Map(), isFunction, depth: 0 };
  new TreeParser(file, name).parseFile();
  return file.trees;
}

/** What the templates of one text share while it is parsed. */
interface TemplateFile {
  readonly name: string;
  readonly tokens: TokenCursor;
  readonly trees: Map<string, TemplateTree>;
  readonly isFunction: (name: string) => boolean;
  /** How many lists and parentheses are open. */
  depth: number;
}

/** Go allows more parentheses; nobody writes so many. */
const DEPTH_LIMIT = 300;

/** The action that ended a list. */
type ListEnd = 'end' | 'else';

/** Parses one template: the whole text, or what stands in a definition. */
class TreeParser {
  readonly #file: TemplateFile;
  readonly #tokens: TokenCursor;
  #name: string;
  /** The variables that are known here, the same name perhaps more than once. */
  readonly #variables = ['$'];
  #rangeDepth = 0;
  /** Where the current action began; 0 outside of one. */
  #actionLine = 0;

  constructor(file: TemplateFile, name: string) {
    this.#file = file;
    this.#tokens = file.tokens;
    this.#name = name;
  }

  parseFile(): void {
    const { offset } = this.#tokens.peek();
    const nodes: Node[] = [];
    while (this.#tokens.peek().kind !== 'end-of-text') {
      if (this.#parsesDefinition()) continue;
      const node = this.#textOrAction();
      if (typeof node === 'string') this.#fail(`unexpected {{${node}}}`);
      nodes.push(node);
    }
    this.#add({ kind: 'list', offset, nodes });
  }

  /** `{{ define "name" }} … {{ end }}` */
  #parsesDefinition(): boolean {
    const tokens = this.#tokens;
    const start = tokens.position;
    if (tokens.peek().kind !== 'left-delimiter') return false;
    tokens.next();
    if (tokens.nextNonSpace().kind !== 'define') {
      tokens.rewind(start);
      return false;
    }
    new TreeParser(this.#file, '').#definition();
    return true;
  }

  #definition(): void {
    const token = this.#tokens.nextNonSpace();
    this.#name = this.#templateName(token, 'define clause');
    this.#expect('right-delimiter', 'define clause');
    const { list, end } = this.#list();
    if (end !== 'end') this.#fail(`unexpected {{${end}}} in define clause`);
    this.#add(list);
  }

  #add(body: ListNode): void {
    const { trees } = this.#file;
    const known = trees.get(this.#name);
    if (!known || isBlank(known.body)) trees.set(this.#name, { name: this.#name, body });
    else if (!isBlank(body)) this.#fail(`template: multiple definition of template ${quoteGo(this.#name)}`);
  }

  #list(): { readonly list: ListNode; readonly end: ListEnd } {
    return this.#nested(() => {
      const { offset } = this.#tokens.peekNonSpace();
      const nodes: Node[] = [];
      while (this.#tokens.peekNonSpace().kind !== 'end-of-text') {
        const node = this.#textOrAction();
        if (typeof node === 'string') return { list: { kind: 'list', offset, nodes }, end: node };
        nodes.push(node);
      }
      this.#fail('unexpected EOF');
    });
  }

  #textOrAction(): Node | ListEnd {
    const token = this.#tokens.nextNonSpace();
    if (token.kind === 'text') return { kind: 'text', offset: token.offset, text: token.text };
    if (token.kind !== 'left-delimiter') this.#failUnexpected(token, 'input');
    this.#actionLine = token.line;
    const node = this.#action();
    this.#actionLine = 0;
    return node;
  }

  #action(): Node | ListEnd {
    const start = this.#tokens.position;
    const token = this.#tokens.nextNonSpace();
    const { kind, offset } = token;
    switch (kind) {
      case 'block':
        return this.#block();
      case 'break':
      case 'continue': {
        const next = this.#tokens.nextNonSpace();
        if (next.kind !== 'right-delimiter') this.#failUnexpected(next, `{{${kind}}}`);
        if (this.#rangeDepth === 0) this.#fail(`{{${kind}}} outside {{range}}`);
        return { kind, offset };
      }
      case 'else': {
        // `{{else if …}}` is `{{else}}{{if …}}`: what follows is for the branch that this ends.
        const next = this.#tokens.peekNonSpace().kind;
        if (next !== 'if' && next !== 'with') this.#expect('right-delimiter', 'else');
        return 'else';
      }
      case 'end':
        this.#expect('right-delimiter', 'end');
        return 'end';
      case 'if':
      case 'range':
      case 'with':
        return this.#branch(kind);
      case 'template':
        return this.#template();
    }
    this.#tokens.rewind(start);
    const first = this.#tokens.peekNonSpace();
    return { kind: 'action', offset: first.offset, pipe: this.#pipeline('command', 'right-delimiter') };
  }

  #branch(kind: BranchNode['kind']): BranchNode {
    const variableCount = this.#variables.length;
    const pipe = this.#pipeline(kind, 'right-delimiter');
    if (kind === 'range') this.#rangeDepth += 1;
    const { list: body, end } = this.#list();
    if (kind === 'range') this.#rangeDepth -= 1;
    const otherwise = end === 'else' ? this.#otherwise(kind) : undefined;
    this.#variables.length = variableCount;
    return { kind, offset: pipe.offset, pipe, body, otherwise };
  }

  #otherwise(kind: BranchNode['kind']): ListNode {
    const next = this.#tokens.peek();
    if (kind !== 'range' && next.kind === kind) {
      // One `{{end}}` closes the whole chain.
      this.#tokens.next();
      const { offset } = next;
      return this.#nested(() => ({ kind: 'list', offset, nodes: [this.#branch(kind)] }));
    }
    const { list, end } = this.#list();
    if (end !== 'end') this.#fail(`expected end; found {{${end}}}`);
    return list;
  }

  /** `{{ block "name" pipeline }} … {{ end }}`: a definition, and its use on the spot. */
  #block(): Node {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'block clause');
    const pipe = this.#pipeline('block clause', 'right-delimiter');
    const parser = new TreeParser(this.#file, name);
    const { list, end } = parser.#list();
    if (end !== 'end') this.#fail(`unexpected {{${end}}} in block clause`);
    parser.#add(list);
    return { kind: 'template', offset: token.offset, name, pipe };
  }

  #template(): Node {
    const token = this.#tokens.nextNonSpace();
    const name = this.#templateName(token, 'template clause');
    const isAlone = this.#tokens.peekNonSpace().kind === 'right-delimiter';
    if (isAlone) this.#tokens.next();
    const pipe = isAlone ? undefined : this.#pipeline('template clause', 'right-delimiter');
    return { kind: 'template', offset: token.offset, name, pipe };
  }

  #templateName(token: Token, context: string): string {
    if (token.kind !== 'string' && token.kind !== 'raw-string') this.#failUnexpected(token, context);
    return this.#literal(() => readString(token.text));
  }

  #pipeline(context: string, end: TokenKind): PipeNode {
    const { offset } = this.#tokens.peekNonSpace();
    const variables: string[] = [];
    const isAssignment = this.#declaresVariables(variables, context);
    const commands: CommandNode[] = [];
    for (;;) {
      const start = this.#tokens.position;
      const token = this.#tokens.nextNonSpace();
      if (token.kind === end) break;
      if (!startsOperand(token.kind)) this.#failUnexpected(token, context);
      this.#tokens.rewind(start);
      commands.push(this.#command());
    }
    if (commands.length === 0) this.#fail(`missing value for ${context}`);
    commands.forEach(({ operands: [first] }, index) => {
      const isValue = ['bool', 'dot', 'nil', 'number', 'string'].includes(first!.kind);
      if (index > 0 && isValue) this.#fail(`non executable command in pipeline stage ${index + 1}`);
    });
    return { kind: 'pipe', offset, isAssignment, variables, commands };
  }

  /** Reads `$x :=`, `$x =` and, of a range, `$key, $value :=`; whether it is `=`. Without a sign nothing is read. */
  #declaresVariables(variables: string[], context: string): boolean {
    const tokens = this.#tokens;
    while (tokens.peekNonSpace().kind === 'variable') {
      const start = tokens.position;
      const { text: name } = tokens.next();
      const sign = tokens.peekNonSpace().kind;
      if (sign !== 'assign' && sign !== 'declare' && sign !== 'comma') {
        tokens.rewind(start);
        break;
      }
      tokens.next();
      variables.push(name);
      this.#variables.push(name);
      if (sign !== 'comma') return sign === 'assign';
      if (context !== 'range' || variables.length > 1) this.#fail(`too many declarations in ${context}`);
      if (!['variable', 'right-delimiter', 'right-parenthesis'].includes(tokens.peekNonSpace().kind)) {
        this.#fail('range can only initialize variables');
      }
    }
    return false;
  }

  #command(): CommandNode {
    const { offset } = this.#tokens.peekNonSpace();
    const operands: Operand[] = [];
    for (;;) {
      this.#tokens.peekNonSpace();
      const operand = this.#operand();
      if (operand) operands.push(operand);
      const start = this.#tokens.position;
      const token = this.#tokens.next();
      if (token.kind === 'space') continue;
      if (token.kind === 'right-delimiter' || token.kind === 'right-parenthesis') this.#tokens.rewind(start);
      else if (token.kind !== 'pipe') this.#failUnexpected(token, 'operand');
      break;
    }
    if (operands.length === 0) this.#fail('empty command');
    return { kind: 'command', offset, operands };
  }

  /** A term with the fields behind it; undefined when no operand is next. */
  #operand(): Operand | undefined {
    const base = this.#term();
    const { offset, kind } = this.#tokens.peek();
    if (!base || kind !== 'field') return base;
    const fields: string[] = [];
    while (this.#tokens.peek().kind === 'field') fields.push(this.#tokens.next().text.slice(1));
    switch (base.kind) {
      case 'field':
        return { kind: 'field', offset, names: [...base.names, ...fields] };
      case 'variable':
        return { kind: 'variable', offset, name: base.name, fields };
      case 'bool':
      case 'string':
      case 'number':
      case 'nil':
      case 'dot':
        return this.#fail(`unexpected . after term ${quoteGo(nodeText(base))}`);
      default:
        return { kind: 'chain', offset, base, fields };
    }
  }

  #term(): Operand | undefined {
    const start = this.#tokens.position;
    const { kind, text, offset } = this.#tokens.nextNonSpace();
    switch (kind) {
      case 'identifier':
        if (!this.#file.isFunction(text)) this.#fail(`function ${quoteGo(text)} not defined`);
        return { kind: 'identifier', offset, name: text };
      case 'dot':
        return { kind: 'dot', offset };
      case 'nil':
        return { kind: 'nil', offset };
      case 'variable':
        if (!this.#variables.includes(text)) this.#fail(`undefined variable ${quoteGo(text)}`);
        return { kind: 'variable', offset, name: text, fields: [] };
      case 'field':
        return { kind: 'field', offset, names: [text.slice(1)] };
      case 'bool':
        return { kind: 'bool', offset, value: text === 'true' };
      case 'rune':
      case 'complex':
      case 'number': {
        const read = { rune: readRune, complex: readComplex, number: readNumber }[kind];
        return { kind: 'number', offset, text, number: this.#literal(() => read(text)) };
      }
      case 'left-parenthesis':
        return this.#nested(() => this.#pipeline('parenthesized pipeline', 'right-parenthesis'));
      case 'string':
      case 'raw-string':
        return { kind: 'string', offset, quoted: text, text: this.#literal(() => readString(text)) };
    }
    this.#tokens.rewind(start);
    return undefined;
  }

  #literal<Value>(read: () => Value): Value {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof LiteralError)) throw error;
      this.#fail(error.message);
    }
  }

  #nested<Result>(parse: () => Result): Result {
    if (this.#file.depth >= DEPTH_LIMIT) this.#fail('max expression depth exceeded');
    this.#file.depth += 1;
    const result = parse();
    this.#file.depth -= 1;
    return result;
  }

  #expect(kind: TokenKind, context: string): void {
    const token = this.#tokens.nextNonSpace();
    if (token.kind !== kind) this.#failUnexpected(token, context);
  }

  #failUnexpected(token: Token, context: string): never {
    if (token.kind !== 'error') this.#fail(`unexpected ${tokenText(token)} in ${context}`);
    const isElsewhere = this.#actionLine !== 0 && this.#actionLine !== token.line;
    const action = token.text.endsWith(' action') ? '' : ' in action';
    this.#fail(token.text + (isElsewhere ? `${action} started at ${this.#file.name}:${this.#actionLine}` : ''));
  }

  #fail(message: string): never {
    throw new TemplateSyntaxError(`template: ${this.#file.name}:${this.#tokens.line}: ${message}`);
  }
}

/** Whether nothing but white space would come out. */
function isBlank({ nodes }: ListNode): boolean {
  return nodes.every((node) => node.kind === 'text' && node.text.trim() === '');
}

const operandKinds: ReadonlySet<TokenKind> = new Set([
  'bool',
  'rune',
  'complex',
  'dot',
  'field',
  'identifier',
  'number',
  'nil',
  'raw-string',
  'string',
  'variable',
  'left-parenthesis',
]);

function startsOperand(kind: TokenKind): boolean {
  return operandKinds.has(kind);
}

/** A token as Go writes it in an error text. */
function tokenText({ kind, text }: Token): string {
  if (kind === 'end-of-text') return 'EOF';
  if (kind === 'nil' || kind === 'dot' || isKeyword(kind)) return `<${text}>`;
  if (Buffer.byteLength(text) <= 10) return quoteGo(text);
  return `${quoteGo([...text].slice(0, 10).join(''))}...`;
}
