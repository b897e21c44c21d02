import { buildPage } from "../../scripts/build-page.mjs";

/** Builds the playground when it is older than its sources. */
export async function setup(): Promise<void> {
	await buildPage();
}
