// npm run play: builds the playground where its sources have changed, and serves it. --port N: there, or nowhere.

import { buildPage, PAGE } from "./build-page.mjs";
import { servePage } from "./serve-page.mjs";

const PORT = 8421;

const at = process.argv.indexOf("--port");
const wanted = at < 0 ? undefined : Number(process.argv[at + 1]);

try {
	if (wanted !== undefined && !(Number.isInteger(wanted) && wanted >= 0 && wanted < 65536))
		throw new Error(`--port is ${process.argv[at + 1]}: a number from 0 to 65535 is valid`);
	await buildPage();
	const { origin } = await servePage(PAGE, { port: wanted ?? PORT }).catch((error) => {
		if (wanted !== undefined || error.code !== "EADDRINUSE") throw error;
		return servePage(PAGE);
	});
	console.log(`the playground is at ${origin}/ (Ctrl-C ends it)`);
} catch (error) {
	console.error(error instanceof Error ? error.message : error);
	process.exitCode = 1;
}
