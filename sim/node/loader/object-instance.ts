import { type LooseInstance, namespaceObject } from './habitat.ts';

/**
 * Something that exists already as a module: a built-in, whose default export is the object itself,
 * or a namespace of another loader.
 */
export class ObjectInstance implements LooseInstance {
  readonly is = 'loose';
  readonly exports: object;
  private readonly isNamespace: boolean;
  private made: object | undefined;

  constructor(exports: object, is: 'built-in' | 'namespace') {
    this.exports = exports;
    this.isNamespace = is === 'namespace';
  }

  evaluate(): void {}

  find(name: string): { readonly value: unknown } | undefined {
    if (name === 'default' && !this.isNamespace) return { value: this.exports };
    if (!(name in this.exports)) return undefined;
    return { value: this.exports[name as keyof object] };
  }

  names(): readonly string[] {
    const own = Object.keys(this.exports);
    return this.isNamespace || own.includes('default') ? own : [...own, 'default'];
  }

  namespace(): object {
    if (this.isNamespace) return this.exports;
    this.made ??= namespaceObject(this.names().map((name) => [name, this.find(name)!.value]));
    return this.made;
  }
}
