// Serves the playground's files. Any server of static files will do; this one needs nothing but Node.

import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { extname, join, normalize, sep } from "node:path";

/** @type {Record<string, string>} */
const TYPES = {
	".html": "text/html; charset=utf-8",
	".css": "text/css; charset=utf-8",
	".js": "text/javascript; charset=utf-8",
	".json": "application/json",
	".webmanifest": "application/manifest+json",
	".gz": "application/octet-stream",
};

/**
 * @param {string} folder
 * @param {{ port?: number, policy?: string, delay?: (path: string) => Promise<void> | undefined }} [options] port 0: any that is
 *   free; policy: a Content-Security-Policy beside the page's own
 * @returns {Promise<{ origin: string, close(): Promise<void> }>}
 */
export async function servePage(folder, { port = 0, policy } = {}) {
	const server = createServer(async (request, response) => {
		const path = normalize(decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname));
		const file = join(folder, path.endsWith(sep) ? join(path, "index.html") : path);
		const found = await stat(file).catch(() => undefined);
		if (!found?.isFile() || !file.startsWith(folder)) {
			response.writeHead(404, { "content-type": "text/plain" }).end("not found\n");
			return;
		}
		response.writeHead(200, {
			"content-type": TYPES[extname(file)] ?? "application/octet-stream",
			"content-length": found.size,
			"cache-control": "no-cache",
			...(policy && { "content-security-policy": policy }),
		});
		createReadStream(file).pipe(response);
	});
	await new Promise((resolve, reject) => {
		server.once("error", reject);
		server.listen(port, "127.0.0.1", () => resolve(undefined));
	});
	const address = /** @type {import("node:net").AddressInfo} */ (server.address());
	return {
		origin: `http://127.0.0.1:${address.port}`,
		close: () =>
			new Promise((resolve) => {
				server.closeAllConnections();
				server.close(() => resolve());
			}),
	};
}
