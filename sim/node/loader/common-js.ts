/**
 * TypeScript that no name and no package declares may be compiled to either module system. It runs as
 * an ES module, which tells what is wrong with an import before anything runs, with the two
 * differences of CommonJS that its author may rely on.
 */
import { type Options, type Program, parse } from 'acorn';
import { ancestor } from 'acorn-walk';
import { isEsmAtRunTime } from './esm.ts';
import { type LooseInstance, namespaceObject } from './habitat.ts';
import { declares } from './scope.ts';

const NAMES = ['require', 'module', 'exports', '__filename', '__dirname'];
const MENTIONED = new RegExp(`\\b(?:${NAMES.join('|')})\\b`);
const MODULE: Options = { ecmaVersion: 'latest', sourceType: 'module' };

/** Whether the code takes a name that only CommonJS has, and nothing that only an ES module has. */
export function needsCommonJs(code: string): boolean {
  if (!MENTIONED.test(code)) return false;
  let program: Program;
  try {
    program = parse(code, MODULE);
  } catch {
    return false; // Whoever compiles it says what is wrong, and where.
  }
  return takesFreely(program) && !isEsmAtRunTime(program);
}

function takesFreely(program: Program): boolean {
  let found = false;
  ancestor(program, {
    Identifier: ({ name }, _, ancestors) => {
      found ||= NAMES.includes(name) && !ancestors.some((node) => declares(node, name));
    },
  });
  return found;
}

/** A module as code sees it that was compiled to `require`: where it says `__esModule`, its default export is its own. */
export class CompiledView implements LooseInstance {
  readonly is = 'loose';
  private readonly of: LooseInstance;
  private made: object | undefined;

  constructor(of: LooseInstance) {
    this.of = of;
  }

  evaluate(): void {
    this.of.evaluate();
  }

  find(name: string): { readonly value: unknown } | undefined {
    const found = this.of.find(name);
    if (name !== 'default' || !this.isCompiled) return found;
    const exports = Object(found?.value) as { readonly default?: unknown };
    return 'default' in exports ? { value: exports.default } : undefined;
  }

  names(): readonly string[] {
    return this.of.names();
  }

  namespace(): object {
    if (!this.isCompiled) return this.of.namespace();
    this.made ??= namespaceObject(this.names().map((name) => [name, this.find(name)?.value]));
    return this.made;
  }

  private get isCompiled(): boolean {
    return this.of.find('__esModule')?.value === true;
  }
}
