import { quoteGo } from '../../model/go-quote.ts';
import type { NumberLiteral } from './literals.ts';

/** Templates by their names: the one that was asked for, and those that it defines. */
export type TemplateSet = ReadonlyMap<string, TemplateTree>;

export interface TemplateTree {
  readonly name: string;
  readonly body: ListNode;
}

/** What a template is made of, in order. `offset` is in UTF-16 units of the whole text. */
export type Node = TextNode | ActionNode | BranchNode | TemplateNode | BreakNode | ContinueNode;

export interface ListNode {
  readonly kind: 'list';
  readonly offset: number;
  readonly nodes: readonly Node[];
}

export interface TextNode {
  readonly kind: 'text';
  readonly offset: number;
  readonly text: string;
}

/** `{{ pipeline }}` */
export interface ActionNode {
  readonly kind: 'action';
  readonly offset: number;
  readonly pipe: PipeNode;
}

/** `{{ if pipeline }} … {{ else }} … {{ end }}` and its like. */
export interface BranchNode {
  readonly kind: 'if' | 'with' | 'range';
  readonly offset: number;
  readonly pipe: PipeNode;
  readonly body: ListNode;
  readonly otherwise: ListNode | undefined;
}

/** `{{ template "name" pipeline }}`; what a block leaves behind too. */
export interface TemplateNode {
  readonly kind: 'template';
  readonly offset: number;
  readonly name: string;
  readonly pipe: PipeNode | undefined;
}

export interface BreakNode {
  readonly kind: 'break';
  readonly offset: number;
}

export interface ContinueNode {
  readonly kind: 'continue';
  readonly offset: number;
}

/** `$variables := command | command`; the result of each command is the last argument of the next. */
export interface PipeNode {
  readonly kind: 'pipe';
  readonly offset: number;
  readonly isAssignment: boolean;
  /** Names with their `$`. */
  readonly variables: readonly string[];
  readonly commands: readonly CommandNode[];
}

/** `function argument argument`, or one value alone. Has one operand at least. */
export interface CommandNode {
  readonly kind: 'command';
  readonly offset: number;
  readonly operands: readonly Operand[];
}

export type Operand =
  | { readonly kind: 'dot'; readonly offset: number }
  | { readonly kind: 'nil'; readonly offset: number }
  | { readonly kind: 'bool'; readonly offset: number; readonly value: boolean }
  | { readonly kind: 'number'; readonly offset: number; readonly text: string; readonly number: NumberLiteral }
  | { readonly kind: 'string'; readonly offset: number; readonly quoted: string; readonly text: string }
  | { readonly kind: 'identifier'; readonly offset: number; readonly name: string }
  | FieldOperand
  | VariableOperand
  | ChainOperand
  | PipeNode;

/** `.A.B` */
export interface FieldOperand {
  readonly kind: 'field';
  readonly offset: number;
  readonly names: readonly string[];
}

/** `$x.A.B` */
export interface VariableOperand {
  readonly kind: 'variable';
  readonly offset: number;
  /** With its `$`. */
  readonly name: string;
  readonly fields: readonly string[];
}

/** `(pipeline).A.B`, `function.A` */
export interface ChainOperand {
  readonly kind: 'chain';
  readonly offset: number;
  readonly base: Operand;
  readonly fields: readonly string[];
}

export type AnyNode = Node | ListNode | CommandNode | Operand;

/** A node as Go writes it in its error texts. */
export function nodeText(node: AnyNode): string {
  switch (node.kind) {
    case 'list':
      return node.nodes.map(nodeText).join('');
    case 'text':
      return node.text;
    case 'action':
      return `{{${nodeText(node.pipe)}}}`;
    case 'if':
    case 'with':
    case 'range': {
      const otherwise = node.otherwise ? `{{else}}${nodeText(node.otherwise)}` : '';
      return `{{${node.kind} ${nodeText(node.pipe)}}}${nodeText(node.body)}${otherwise}{{end}}`;
    }
    case 'template':
      return `{{template ${quoteGo(node.name)}${node.pipe ? ` ${nodeText(node.pipe)}` : ''}}}`;
    case 'break':
    case 'continue':
      return `{{${node.kind}}}`;
    case 'pipe': {
      const sign = node.isAssignment ? '=' : ':=';
      const variables = node.variables.length > 0 ? `${node.variables.join(', ')} ${sign} ` : '';
      return variables + node.commands.map(nodeText).join(' | ');
    }
    case 'command':
      return node.operands.map(inParentheses).join(' ');
    case 'dot':
      return '.';
    case 'nil':
      return 'nil';
    case 'bool':
      return String(node.value);
    case 'number':
      return node.text;
    case 'string':
      return node.quoted;
    case 'identifier':
      return node.name;
    case 'field':
      return `.${node.names.join('.')}`;
    case 'variable':
      return [node.name, ...node.fields].join('.');
    case 'chain':
      return [inParentheses(node.base), ...node.fields].join('.');
  }
}

function inParentheses(operand: Operand): string {
  return operand.kind === 'pipe' ? `(${nodeText(operand)})` : nodeText(operand);
}
