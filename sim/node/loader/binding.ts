/** What an imported name stands for, and how its value reaches the importer. */
import type { EsmInstance } from './esm-instance.ts';
import type { LooseInstance } from './habitat.ts';

export type Instance = EsmInstance | LooseInstance;

export type Binding =
  /** An export of an ES module's own; its value may change. */
  | { readonly is: 'own'; readonly of: EsmInstance; readonly number: number }
  | { readonly is: 'namespace'; readonly of: Instance }
  | { readonly is: 'loose'; readonly of: LooseInstance; readonly name: string }
  /** Unknown until a module that is not an ES module has run. */
  | { readonly is: 'later' }
  | { readonly is: 'missing' | 'ambiguous' };

/** The value now. */
export function currentValue(binding: Binding): unknown {
  switch (binding.is) {
    case 'own':
      return binding.of.value(binding.number);
    case 'namespace':
      return binding.of.namespace();
    case 'loose':
      return binding.of.find(binding.name)?.value;
    default:
      return undefined;
  }
}

export function isSame(a: Binding, b: Binding): boolean {
  if (a.is === 'own' && b.is === 'own') return a.of === b.of && a.number === b.number;
  if (a.is === 'namespace' && b.is === 'namespace') return a.of === b.of;
  return a.is === 'loose' && b.is === 'loose' && a.of === b.of && a.name === b.name;
}
