import { type Browser, chromium } from "playwright-core";
import { ensureChromium } from "../../scripts/ensure-chromium.mjs";

const found = ensureChromium();
if ("why" in found) console.warn(`\nTHE BROWSER TESTS ARE SKIPPED: ${found.why}\n`);

export const executablePath = "path" in found ? found.path : "";

export function launch(): Promise<Browser> {
	const quiet = ["background-networking", "component-update", "sync"].map((name) => `--disable-${name}`);
	return chromium.launch({
		executablePath,
		args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", ...quiet],
	});
}
