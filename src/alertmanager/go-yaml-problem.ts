import type { LineCounter, YAMLParseError } from 'yaml';

/**
 * What Go's YAML library says of a text that is no YAML, such as `yaml: line 3: did not find expected key`. Where the two
 * libraries find different things it is the sentence that fits most often.
 */
export function yamlProblem(errors: readonly YAMLParseError[], text: string, lines: LineCounter): string {
  const [error, next] = errors as readonly [YAMLParseError, ...YAMLParseError[]];
  const offset = error.pos[0];
  const { line } = lines.linePos(offset);
  switch (error.code) {
    case 'BAD_SCALAR_START':
      return scannerProblem(line, 'found character that cannot start any token');
    case 'TAB_AS_INDENT': {
      const before = text.slice(0, offset).trimEnd().split('\n').at(-1)!;
      // Behind a plain text a line may go on with it, and is looked at for its indentation first.
      const goesOn = /:\s+[^\s"'[{|>#&*!]/.test(before);
      const problem = goesOn
        ? 'found a tab character that violates indentation'
        : 'found character that cannot start any token';
      return scannerProblem(line, problem);
    }
    case 'BLOCK_AS_IMPLICIT_KEY':
      return mappingValues(next?.code === 'MULTILINE_IMPLICIT_KEY' ? line + 1 : line);
    case 'MULTILINE_IMPLICIT_KEY':
      return next?.code === 'UNEXPECTED_TOKEN' ? noKey(line) : mappingValues(line + 1);
    case 'MISSING_CHAR':
      if (/Missing closing/.test(error.message)) {
        return scannerProblem(text.split('\n').length, 'found unexpected end of stream');
      }
      if (/Tags and anchors/.test(error.message)) {
        return scannerProblem(line, 'did not find expected whitespace or line break');
      }
      return scannerProblem(line + 1, "could not find expected ':'");
    case 'BAD_DQ_ESCAPE':
      return scannerProblem(line, 'found unknown escape character');
    case 'BAD_ALIAS':
      return scannerProblem(line, 'did not find expected alphabetic or numeric character');
    case 'BLOCK_IN_FLOW':
    case 'BAD_INDENT':
      return /flow (map|sequence)/i.test(error.message) || error.code === 'BLOCK_IN_FLOW'
        ? flowProblem(error, text, line)
        : noKey(line);
    case 'UNEXPECTED_TOKEN':
      return /flow-(map|seq)-end/.test(error.message)
        ? parserProblem(line, 'did not find expected node content')
        : noKey(line);
    default:
      return noKey(line);
  }
}

function noKey(line: number): string {
  return parserProblem(line, 'did not find expected key');
}

function mappingValues(line: number): string {
  return scannerProblem(line, 'mapping values are not allowed in this context');
}

/** A list or map in brackets that does not go on as it should: behind an item its end is missed, elsewhere an item. */
function flowProblem(error: YAMLParseError, text: string, line: number): string {
  const before = text.slice(0, error.pos[0]).trimEnd();
  const isAtEnd = text.slice(error.pos[0]).trim() === '';
  // The end of a text without a newline is a line of its own.
  const at = isAtEnd && !text.endsWith('\n') ? line + 1 : line;
  if (isAtEnd && /[[{,:]$/.test(before)) return parserProblem(at, 'did not find expected node content');
  const isList = /sequence/i.test(error.message) || before.lastIndexOf('[') > before.lastIndexOf('{');
  return parserProblem(at, `did not find expected ',' or '${isList ? ']' : '}'}'`);
}

/** Go's scanner counts lines from one, and does not name the first; its parser counts from zero. */
function scannerProblem(line: number, problem: string): string {
  return line > 1 ? `yaml: line ${line}: ${problem}` : `yaml: ${problem}`;
}

function parserProblem(line: number, problem: string): string {
  return line > 1 ? `yaml: line ${line - 1}: ${problem}` : `yaml: ${problem}`;
}
