// The page without a network: its files are kept when it was loaded once. With a network they come from there.

/** Written in front of this by the build. */
declare const VERSION: string;
declare const FILES: readonly string[];

interface Extendable extends Event {
	waitUntil(promise: Promise<unknown>): void;
}

interface Asked extends Extendable {
	readonly request: Request;
	respondWith(response: Promise<Response>): void;
}

const name = `stalemate-playground-${VERSION}`;
const here = globalThis as unknown as EventTarget;

here.addEventListener("install", (event) => {
	(event as Extendable).waitUntil(caches.open(name).then((cache) => cache.addAll([...FILES])));
});

here.addEventListener("activate", (event) => {
	const remove = async () => {
		for (const other of await caches.keys())
			if (other.startsWith("stalemate-playground-") && other !== name) await caches.delete(other);
	};
	(event as Extendable).waitUntil(remove());
});

here.addEventListener("fetch", (event) => {
	const { request } = event as Asked;
	if (request.method !== "GET") return;
	(event as Asked).respondWith(
		fetch(request).catch(async (error) => {
			const kept = await caches.match(request, { ignoreSearch: true });
			if (kept) return kept;
			throw error;
		}),
	);
});
