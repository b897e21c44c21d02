// Where the core may come from. Structural types: a program compiled without the DOM's types can use them, too.

/** WebAssembly.Module, also for programs compiled without the DOM's types. (Its own type is empty: a string would do.) */
export type WasmModule = object &
	(typeof globalThis extends { WebAssembly: { Module: { prototype: infer M } } } ? M : object);

/** The part of a fetch Response that is read. */
export interface WasmResponse {
	readonly ok: boolean;
	readonly status: number;
	readonly url: string;
	/** All of the body. */
	arrayBuffer(): Promise<ArrayBuffer>;
}

/** The part of a URL that is read. */
export interface WasmUrl {
	readonly href: string;
	readonly protocol: string;
}

/** What can be compiled at once: bytes, or a Module compiled before (by a worker's parent, by an edge runtime). */
export type WasmSourceSync = ArrayBuffer | ArrayBufferView | WasmModule;

/** Where the core may come from. A URL is fetched (in Node a `file:` URL is read). */
export type WasmSource = WasmSourceSync | WasmUrl | WasmResponse | PromiseLike<WasmResponse>;
