import type { LineCounter, YAMLParseError } from 'yaml';

/**
 * What Go's YAML library says of a text that is no YAML: `yaml: line 3: did not find expected key`. The two libraries do not
 * find the same things at the same places, so where there is no telling it is the most common of its sentences.
 */
export function yamlProblem(error: YAMLParseError, text: string, lines: LineCounter): string {
  const line = lines.linePos(error.pos[0]).line;
  const lastLine = text.trimEnd().split('\n').length;
  switch (error.code) {
    case 'BAD_SCALAR_START':
    case 'TAB_AS_INDENT':
      return `yaml: line ${line}: found character that cannot start any token`;
    case 'BLOCK_IN_FLOW':
    case 'BAD_INDENT':
      if (isUnclosed(error.message)) break;
      return `yaml: line ${line}: did not find expected key`;
    case 'MISSING_CHAR': {
      if (/Missing closing ["']/.test(error.message)) return `yaml: line ${lastLine}: found unexpected end of stream`;
      if (isUnclosed(error.message)) break;
      return `yaml: line ${line}: could not find expected ':'`;
    }
    case 'MULTILINE_IMPLICIT_KEY':
      return `yaml: line ${line}: could not find expected ':'`;
    case 'BLOCK_AS_IMPLICIT_KEY':
      return `yaml: line ${line}: mapping values are not allowed in this context`;
    case 'BAD_ALIAS':
      return `yaml: line ${line}: did not find expected alphabetic or numeric character`;
    case 'BAD_DQ_ESCAPE':
      return `yaml: line ${line}: found unknown escape character`;
    default:
      return `yaml: line ${line}: did not find expected key`;
  }
  return `yaml: line ${lastLine}: ${unclosedText(text)}`;
}

function isUnclosed(message: string): boolean {
  return /flow (map|sequence)/i.test(message);
}

/** A list or map in brackets that does not end: behind an item its end is missed, elsewhere the next item. */
function unclosedText(text: string): string {
  const end = text.trimEnd();
  if (/[[{,:]$/.test(end)) return 'did not find expected node content';
  return end.lastIndexOf('[') > end.lastIndexOf('{')
    ? "did not find expected ',' or ']'"
    : "did not find expected ',' or '}'";
}
