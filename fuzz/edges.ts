/**
 * Counts which branches run: JavaScript with a counter at the begin of every function, of every way
 * out of an `if`, `?:`, `switch` or loop, of `catch`, and of what stands right of `&&`, `||` and `??`.
 *
 *     if (a) b();              →  if (a) {E[7]++;b();} else {E[8]++}
 *     for (…) { c(); }         →  for (…) {E[9]++; c(); }
 *     x && y()                 →  x && (E[10]++,y())
 *
 * Counters are bytes and wrap. Code is edited as text, so all else stays as it is.
 */
import { type AnyNode, type BlockStatement, type Expression, parse, type Statement } from 'acorn';
import { type SimpleVisitors, simple } from 'acorn-walk';

export interface Instrumented {
  /** Expects a `Uint8Array` named {@link EDGES} around it. */
  readonly code: string;
  readonly edges: number;
}

export const EDGES = '__edges';

export function instrument(code: string): Instrumented {
  const edits = new Edits();
  let edges = 0;
  const counter = (): string => `${EDGES}[${edges++}]++`;

  const body = (block: BlockStatement): void => edits.after(block.start + 1, `${counter()};`);
  const branch = (statement: Statement): void => {
    if (statement.type === 'BlockStatement') body(statement);
    else edits.around(statement, `{${counter()};`, '}');
  };
  const value = (expression: Expression): void => {
    edits.around(expression, `(${counter()},`, ')');
  };
  const functionBody = (block: BlockStatement | Expression): void => {
    if (block.type !== 'BlockStatement') {
      value(block);
      return;
    }
    // Directives stay first.
    const last = block.body.findLast((s) => s.type === 'ExpressionStatement' && 'directive' in s);
    edits.after(last?.end ?? block.start + 1, `;${counter()};`);
  };

  const visitors: SimpleVisitors<unknown> = {
    FunctionDeclaration: ({ body }) => functionBody(body),
    FunctionExpression: ({ body }) => functionBody(body),
    ArrowFunctionExpression: ({ body }) => functionBody(body),
    IfStatement: ({ consequent, alternate, end }) => {
      branch(consequent);
      if (alternate) branch(alternate);
      else edits.before(end, ` else {${counter()}}`);
    },
    ConditionalExpression: ({ consequent, alternate }) => {
      value(consequent);
      value(alternate);
    },
    LogicalExpression: ({ right }) => value(right),
    SwitchCase: ({ consequent, test, start }) => {
      const at = consequent[0]?.start;
      // After the colon, which nothing but the test and blanks stand before.
      const colon = code.indexOf(':', test?.end ?? start);
      edits.after(at ?? colon + 1, `${counter()};`);
    },
    ForStatement: ({ body }) => branch(body),
    ForInStatement: ({ body }) => branch(body),
    ForOfStatement: ({ body }) => branch(body),
    WhileStatement: ({ body }) => branch(body),
    DoWhileStatement: ({ body }) => branch(body),
    CatchClause: ({ body: block }) => body(block),
  };
  const options = { ecmaVersion: 2024, sourceType: 'script' } as const;
  simple(parse(code, { ...options, allowReturnOutsideFunction: true }), visitors);
  return { code: edits.applied(code), edges };
}

/**
 * Texts to put in, noted for inner nodes before outer ones. At one offset what ends there comes
 * first, inner before outer; then what begins, outer before inner.
 */
class Edits {
  private readonly ends = new Map<number, string[]>();
  private readonly begins = new Map<number, string[]>();

  before(offset: number, text: string): void {
    add(this.ends, offset, text);
  }

  after(offset: number, text: string): void {
    add(this.begins, offset, text);
  }

  around({ start, end }: Pick<AnyNode, 'start' | 'end'>, open: string, close: string): void {
    this.after(start, open);
    this.before(end, close);
  }

  applied(code: string): string {
    const offsets = [...new Set([...this.ends.keys(), ...this.begins.keys()])].sort(
      (a, b) => a - b,
    );
    let text = '';
    let from = 0;
    for (const offset of offsets) {
      text += code.slice(from, offset);
      text += (this.ends.get(offset) ?? []).join('');
      text += (this.begins.get(offset) ?? []).reverse().join('');
      from = offset;
    }
    return text + code.slice(from);
  }
}

function add(map: Map<number, string[]>, offset: number, text: string): void {
  const texts = map.get(offset);
  if (texts === undefined) map.set(offset, [text]);
  else texts.push(text);
}
