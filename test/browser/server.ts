import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

/** What a page and its workers say to be given shared memory. */
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };

const TYPES: Record<string, string> = { ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };

/** What a strict page allows: scripts of its own, and WebAssembly. */
export const STRICT = "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'";

const IMPORT = "globalThis.importModule = (path) => import(path);";
const PAGE = '<!doctype html><title>stalemate</title><script src="/import.js"></script>';

/**
 * Serves dist/ under /dist/, and pages with nothing but an importModule(): / without a policy, /strict under STRICT, /isolated with shared memory, /closed where not even
 * WebAssembly is allowed. Anything unknown gets a page with status 200, as single-page applications are served.
 */
export async function serve(root: string): Promise<{ origin: string; close(): Promise<void> }> {
	const server: Server = createServer(async (request, response) => {
		const path = normalize(new URL(request.url ?? "/", "http://localhost").pathname);
		if (path.startsWith("/dist/")) {
			const bytes = await readFile(join(root, path)).catch(() => undefined);
			if (bytes) {
				const type = TYPES[extname(path)] ?? "application/octet-stream";
				response.writeHead(200, { "content-type": type, ...ISOLATED }).end(bytes);
				return;
			}
		}
		if (path === "/favicon.ico") {
			response.writeHead(204).end();
			return;
		}
		if (path === "/import.js") {
			response.writeHead(200, { "content-type": "text/javascript" }).end(IMPORT);
			return;
		}
		const policy = path === "/strict" ? STRICT : path === "/closed" ? "default-src 'self'" : undefined;
		const shared = path === "/isolated" ? ISOLATED : undefined;
		const headers = { "content-type": "text/html", ...shared, ...(policy && { "content-security-policy": policy }) };
		response.writeHead(200, headers).end(PAGE);
	});
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	return {
		origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
		close: () => new Promise((done) => void server.close(() => done())),
	};
}
