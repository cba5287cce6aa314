/** The part of WebAssembly's interface that we use; TypeScript declares it only for browsers. */
declare namespace WebAssembly {
  interface Module {
    readonly kind?: 'module';
  }
  const Module: new (bytes: Uint8Array) => Module;
  class Instance {
    constructor(module: Module, imports: object);
    readonly exports: Record<string, unknown>;
  }
  /** A trap: the module cannot be used any more. */
  class RuntimeError extends Error {}
  class Memory {
    private constructor();
    readonly buffer: ArrayBuffer;
  }
}
