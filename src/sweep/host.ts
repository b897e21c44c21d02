import type { TraceSource, WasmModule } from "../index.ts";
import type { Outcome, Task } from "./execute.ts";

/** What Node and browsers do differently for a sweep. */
export interface Host {
	/** Threads that run at once. */
	cpus: number;
	/** SHA-256 of text, in hexadecimal. */
	digest(text: string): string;
	/** The full name of an input that a specification names. */
	place(name: string): string;
	/** SHA-256 of an input's content. Throws IO. */
	digestOf(place: string): Promise<string>;
	/** An input as text. Throws IO. */
	textOf(place: string): Promise<string>;
	/** An input as something that a thread can open itself. */
	sourceOf(place: string): TraceSource;
	/** Threads that run tasks. */
	pool(threads: number, common: Common): Promise<Pool>;
}

export interface Pool {
	/** Rejects after `signal`, and with what a thread died of; another thread takes its place. */
	run(tasks: Task[], signal: AbortSignal): Promise<Outcome[]>;
	close(): Promise<void>;
}

/** What is made once for all threads. */
export interface Common {
	/** The compiled cores: of traces, and of programs. */
	module?: WasmModule;
	programs?: WasmModule;
	/** By place: bytes that are decoded already and shared where that is possible, or what each thread opens itself. */
	traces?: ReadonlyMap<string, TraceSource>;
	/** Scenarios by place. */
	texts?: ReadonlyMap<string, string>;
}
