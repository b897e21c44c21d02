import type { CacheConfig } from "../../../bindings/config.ts";
import type { Problem } from "./problem.ts";

/** What CPUs take from each other are whole lines, so all caches that not every CPU shares need lines of one size. */
export function checkCoherent(
	caches: CacheConfig[],
	cpus: number,
	instructions: boolean,
	straddle: "split" | "once",
	problem: Problem,
): void {
	if (straddle === "once") {
		problem("coherence.protocol", 'with several CPUs must be none where straddle is "once"');
	}
	const own = caches.filter(({ sharedBy, serves }) => {
		return sharedBy !== 0 && sharedBy < cpus && (instructions || serves !== "fetch");
	});
	const other = own.find(({ line }) => line !== own[0]!.line);
	if (!other) return;
	problem(
		`caches.${other.name}.line`,
		`is ${other.line}, and ${own[0]!.name} has lines of ${own[0]!.line}: with several CPUs and coherence, caches that not ` +
			"all CPUs share have lines of one size; or set coherence.protocol to none",
	);
}
