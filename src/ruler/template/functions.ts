import type { TemplateContext } from './context.ts';
import type { GoValue } from './values.ts';

/** A type of Go that a parameter has; `reflect.Value` takes what `interface {}` takes, and nil as it is. */
export type ParameterType =
  | 'interface {}'
  | 'reflect.Value'
  | 'string'
  | 'int'
  | 'time.Duration'
  | 'time.Time'
  | 'template.queryResult'
  | '*template.sample';

/** A function or a method as templates call it. */
export interface GoFunction {
  /** Its parameters in order; the last one of a variadic function any number of times, also none. */
  readonly parameters: readonly ParameterType[];
  readonly isVariadic?: boolean;
  /** Go does not call what gives more than a value and an error: this is what it says instead. */
  readonly refusal?: string;
  /**
   * The arguments have the types of the parameters.
   * @throws {FunctionError}
   */
  readonly call: (args: readonly GoValue[], context: TemplateContext) => GoValue | QueryRequest;
}

/** What a function gives when the answer has to come from elsewhere: the result of an instant query. */
export class QueryRequest {
  readonly query: string;

  constructor(query: string) {
    this.query = query;
  }
}
