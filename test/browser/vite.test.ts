import { cpSync, existsSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { expect, test } from "vitest";
import { servePage } from "../../scripts/serve-page.mjs";
import { newProject, ROOT as root } from "../package/project.ts";
import { executablePath, launch } from "./chromium.ts";

test.skipIf(!existsSync(executablePath))(
	"the example of a page with Vite is built, and runs under its policy",
	async () => {
		const { folder } = newProject();
		cpSync(join(root, "examples/vite-page"), folder, { recursive: true });
		const problems: string[] = [];
		await build({ root: folder, logLevel: "warn" });
		const server = await servePage(join(folder, "dist"));
		const browser = await launch();
		try {
			const page = await browser.newPage();
			page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
			page.on("pageerror", (error) => problems.push(String(error)));
			await page.goto(server.origin);
			await page.locator("button").click();
			await page.locator("pre").filter({ hasText: "columns" }).waitFor();
			const matrix = await page.locator("pre").filter({ hasText: "misses" }).textContent();
			expect(matrix).toMatch(/rows\n(?:.*\n)*?L1D +32\d{3} misses, 12\.5 %/);
			await page.locator("input").setInputFiles(join(root, "examples/sample/sample.packed.gz"));
			await page.locator("pre").filter({ hasText: "L1D  21107 misses" }).waitFor();
			await page
				.locator("input")
				.setInputFiles({ name: "x.txt", mimeType: "text/plain", buffer: Buffer.from("no trace\n") });
			await page.locator("pre").filter({ hasText: "x.txt" }).waitFor();
		} finally {
			await browser.close();
			await server.close();
		}
		expect(problems.filter((text) => !text.includes("favicon") && !text.includes("404"))).toEqual([]);
	},
);
