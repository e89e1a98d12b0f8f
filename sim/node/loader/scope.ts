/** Which names a piece of syntax declares: as much of scope analysis as telling a module's own
 * binding from an inner one of the same name takes (ECMA-262, 8.2). */
import type { AnyNode, Pattern, VariableDeclaration } from 'acorn';
import { recursive } from 'acorn-walk';

/** The names that a pattern binds, in order. */
export function namesIn(pattern: Pattern): string[] {
  switch (pattern.type) {
    case 'Identifier':
      return [pattern.name];
    case 'ObjectPattern':
      return pattern.properties.flatMap((property) =>
        namesIn(property.type === 'RestElement' ? property.argument : property.value),
      );
    case 'ArrayPattern':
      return pattern.elements.flatMap((element) => (element === null ? [] : namesIn(element)));
    case 'RestElement':
      return namesIn(pattern.argument);
    case 'AssignmentPattern':
      return namesIn(pattern.left);
    case 'MemberExpression':
      return [];
  }
}

export function declaredBy({ declarations }: VariableDeclaration): string[] {
  return declarations.flatMap(({ id }) => namesIn(id));
}

/** The variables that a statement of a scope declares in it, exported or not. */
export function variablesOf(statement: AnyNode): string[] {
  if (statement.type === 'ExportNamedDeclaration' && statement.declaration != null) {
    return variablesOf(statement.declaration);
  }
  return statement.type === 'VariableDeclaration' ? declaredBy(statement) : [];
}

/** Whether this node opens a scope in which `name` is something of its own. */
export function declares(node: AnyNode, name: string): boolean {
  switch (node.type) {
    case 'Program':
      return (
        node.body.some((statement) => topLevelIn(statement).includes(name)) ||
        hoistedIn(node).includes(name)
      );
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return (
        (node.type === 'FunctionExpression' && node.id?.name === name) ||
        node.params.some((param) => namesIn(param).includes(name)) ||
        hoistedIn(node.body).includes(name)
      );
    case 'ClassExpression':
    case 'ClassDeclaration':
      return node.id?.name === name;
    case 'BlockStatement':
    case 'StaticBlock':
      return node.body.some((statement) => lexicalIn(statement).includes(name));
    case 'SwitchStatement':
      return node.cases.some(({ consequent }) =>
        consequent.some((statement) => lexicalIn(statement).includes(name)),
      );
    case 'CatchClause':
      return node.param != null && namesIn(node.param).includes(name);
    case 'ForStatement':
      return node.init?.type === 'VariableDeclaration' && lexicalIn(node.init).includes(name);
    case 'ForInStatement':
    case 'ForOfStatement':
      return node.left.type === 'VariableDeclaration' && lexicalIn(node.left).includes(name);
    default:
      return false;
  }
}

/** What a statement adds to the block it stands in. */
function lexicalIn(statement: AnyNode): string[] {
  switch (statement.type) {
    case 'VariableDeclaration':
      return statement.kind === 'var' ? [] : declaredBy(statement);
    case 'FunctionDeclaration':
    case 'ClassDeclaration':
      return statement.id == null ? [] : [statement.id.name];
    default:
      return [];
  }
}

/** What a statement at the top level of a module adds to it, but for `var`s. */
function topLevelIn(statement: AnyNode): string[] {
  switch (statement.type) {
    case 'ImportDeclaration':
      return statement.specifiers.map(({ local }) => local.name);
    case 'ExportNamedDeclaration':
    case 'ExportDefaultDeclaration':
      return statement.declaration == null ? [] : lexicalIn(statement.declaration);
    default:
      return lexicalIn(statement);
  }
}

/** Names of the `var`s in a body, however deep; not those of functions within. */
function hoistedIn(body: AnyNode): string[] {
  const names: string[] = [];
  recursive(body, null, {
    Function: () => {},
    VariableDeclaration: (node) => {
      if (node.kind === 'var') names.push(...declaredBy(node));
    },
  });
  return names;
}
