/**
 * What the collector or another thread would decide, decided: weak references are strong and never
 * cleared, finalizers never run, WebAssembly compiles at once.
 */
import { define, type Host } from './host.ts';

export function installUndecided({ notSimulated }: Host): void {
  class StrongRef {
    readonly #target: object;
    constructor(target: object) {
      this.#target = target;
    }
    deref(): object {
      return this.#target;
    }
    get [Symbol.toStringTag](): string {
      return 'WeakRef';
    }
  }
  class IdleRegistry {
    register(): void {}
    unregister(): boolean {
      return false;
    }
    get [Symbol.toStringTag](): string {
      return 'FinalizationRegistry';
    }
  }
  define(StrongRef, { name: 'WeakRef' });
  define(IdleRegistry, { name: 'FinalizationRegistry' });
  define(globalThis, { WeakRef: StrongRef, FinalizationRegistry: IdleRegistry });
  define(Atomics, {
    wait: () => notSimulated('Atomics.wait'),
    waitAsync: () => notSimulated('Atomics.waitAsync'),
  });
  const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyObject };
  const { Module, Instance } = WebAssembly;
  define(WebAssembly, {
    compile: async (bytes: unknown) => new Module(bytes),
    instantiate: async (source: unknown, imports?: unknown) => {
      if (source instanceof Module) return new Instance(source, imports);
      const module = new Module(source);
      return { module, instance: new Instance(module, imports) };
    },
    compileStreaming: () => notSimulated('WebAssembly.compileStreaming'),
    instantiateStreaming: () => notSimulated('WebAssembly.instantiateStreaming'),
  });
}

/** What is needed of it; its types come with those of browsers. */
interface WebAssemblyObject {
  readonly Module: new (bytes: unknown) => object;
  readonly Instance: new (module: object, imports?: unknown) => object;
}
