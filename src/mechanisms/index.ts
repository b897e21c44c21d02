// What kernels do, as scenarios with options: mechanisms.tlbShootdown({ variant: "async", cpus: 4 }).

export type { Count, Given, Mechanism, Option, Words, YesNo } from "./mechanism.ts";
export * from "./parisc.ts";
export * from "./pfn.ts";
export * from "./shootdown.ts";
export * from "./vhost.ts";
