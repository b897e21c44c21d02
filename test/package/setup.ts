import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Builds dist/ when it is older than its sources: these tests know nothing else of the package. */
export function setup(): void {
	const script = fileURLToPath(new URL("../../scripts/build.mjs", import.meta.url));
	const { status } = spawnSync(process.execPath, [script, "--if-stale"], { stdio: "inherit" });
	if (status !== 0) throw new Error("the package does not build");
}
