// The numbers both compilers read: asc for assembly/, tsc for bindings/. Plain constants only (no objects, no expressions
// that one of them could read otherwise). A change of meaning or place anywhere in layout/ takes a new ABI_VERSION.

/** Exported by the core as abiVersion(); instantiate() refuses a module that says otherwise. */
export const ABI_VERSION = 4;
