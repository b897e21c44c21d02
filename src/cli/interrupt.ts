const INTERRUPTED = 130;

/** Ctrl-C ends the run, a second one the program. */
export function interruptible(): { signal: AbortSignal; done(): void } {
	const controller = new AbortController();
	const interrupt = () => {
		if (controller.signal.aborted) process.exit(INTERRUPTED);
		controller.abort();
	};
	process.on("SIGINT", interrupt);
	return { signal: controller.signal, done: () => process.off("SIGINT", interrupt) };
}
