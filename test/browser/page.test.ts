import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { servePage } from "../../scripts/serve-page.mjs";
import { executablePath, launch } from "./chromium.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const folder = join(root, "dist-page");

describe.skipIf(!existsSync(executablePath))("the playground in Chromium", () => {
	let browser: Browser;
	let page: Page;
	let server: Awaited<ReturnType<typeof servePage>>;
	const problems: string[] = [];

	beforeAll(async () => {
		server = await servePage(folder);
		browser = await launch();
	});

	afterAll(async () => {
		await browser?.close();
		await server?.close();
	});

	afterEach(async () => {
		await page?.context().close();
		expect(problems.splice(0)).toEqual([]);
	});

	async function open(hash = "", options: BrowserContextOptions = {}, origin = server.origin): Promise<void> {
		const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
		page = await context.newPage();
		page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
		page.on("pageerror", (error) => problems.push(String(error)));
		page.on("requestfailed", (request) => problems.push(`${request.url()} failed`));
		await page.goto(`${origin}/${hash}`);
	}

	/** Of a check that is done: what is shown beside it belongs to it. */
	const verdict = () => page.locator(".result[aria-busy=false] .verdict strong");
	const step = () => page.locator(".where");
	const button = (name: string) => page.getByRole("button", { name, exact: true });
	const says = (text: string | RegExp) => verdict().filter({ hasText: text }).waitFor();

	describe("schedules", () => {
		test("L02 is STALE, is stepped through both ways, and is SAFE with the flush put in", async () => {
			await open();
			await says("STALE");
			expect(await step().textContent()).toBe("10 of 10");
			await button("One step back").click();
			expect(await step().textContent()).toBe("9 of 10");
			expect(await page.locator(".stale-now").textContent()).toContain("P in the outer cache");
			await button("To the start").click();
			expect(await page.locator(".stale-now").textContent()).toBe("Stale now: nothing");
			await button("One step on").click();
			expect(await page.locator("[aria-current=step]").textContent()).toContain("load r0 <- K");
			await page.getByRole("switch", { name: "cache.flush K" }).click();
			await says("SAFE");
			expect(await page.locator(".editor").locator(".cm-content").textContent()).toContain("    cache.flush K");
		});

		test("what had to happen is marked, be it what the hardware does", async () => {
			await open();
			await says("STALE");
			const causes = page.locator(".lanes .step.cause");
			expect(await causes.locator("xpath=../*[@class='number']").allTextContents()).toEqual(["1", "6", "9"]);
			expect(await causes.last().getAttribute("class")).toBe("step cause spontaneous");
			expect(await causes.last().textContent()).toContain("clean line P under K is evicted");
		});

		test("an action that keeps a scenario right is taken out, and put in again", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			const flush = page.getByRole("switch", { name: "cache.flush" }).first();
			await flush.click();
			await says("STALE");
			await flush.click();
			await says("SAFE");
		});
	});

	describe("the page", () => {
		test("reloaded from its address it is as it was: scenario, text, machine, switches and step", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			await page.getByLabel("Memory model").selectOption("tso");
			await page.getByRole("switch", { name: "cache.flush" }).first().click();
			await says("STALE");
			await page.locator(".cm-content").click();
			await page.keyboard.press("Control+Home");
			await page.keyboard.press("End");
			await page.keyboard.insertText("  # mine");
			await page.waitForURL(/t=/);
			await says("STALE");
			await button("One step back").click();
			await page.waitForURL(/n=\d/);
			const seen = () =>
				page.evaluate(() =>
					[".verdict .on", ".where", ".stale-now", "#model"].map((name) => {
						const element = document.querySelector<HTMLSelectElement>(name)!;
						return element.value ?? element.textContent;
					}),
				);
			const before = await seen();
			await page.reload();
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			expect(await seen()).toEqual(before);
			expect(await page.locator(".cm-content").textContent()).toContain("# mine");
			expect(await page.getByRole("switch", { name: "cache.flush" }).first().isChecked()).toBe(false);
			expect(page.url().length).toBeLessThan(1500);
		});

		test("garbage in the address is told, and the page goes on", async () => {
			await open();
			await says("STALE");
			for (const [hash, said] of [
				["#v=1&t=%%%", "could not be read"],
				["#v=1&t=AAAA", "could not be read"],
				["#v=99&s=L02", "another version"],
				["#garbage", "no version"],
				["#v=1&view=nowhere", "no such view"],
				["#v=1&n=-3", "no number"],
				["#v=1&s=L02&w=zzzzzzz", "do not fit"],
				["#v=1&s=nothing-like-that", "no scenario"],
				["#v=1&s=L02&p=8086", "8086"],
				["#v=1&s=L02&p=own%3Amine", "own:mine"],
				["#v=1&s=L02&m=vax", 'no memory model "vax"'],
				["#v=1&s=L40&q=cpus%3D77", 'cpus is never "77"'],
				["#v=1&s=L06&q=nope%3D1", 'no parameter "nope"'],
				["#v=1&s=L06&x=dropped%7Enope", '"nope"'],
				["#v=1&s=L06&colour=red", "colour"],
				["#v=1&view=trace&on=vax", "vax"],
				["#v=1&view=trace&on=own%3Amine", "own:mine"],
				["#v=1&view=cost&of=S1&price=nope%3D5", "nope=5"],
				["#v=1&view=cost&of=S1&price=costs.fullFence%3Dabc", "costs.fullFence=abc"],
				["#v=1&view=cost&of=S1&at=vax", "vax"],
				["#v=1&view=cost&of=S1&swap=tape", "hdd, sata, nvme"],
			]) {
				await page.evaluate((hash) => {
					location.hash = hash;
				}, hash!);
				const message = page.locator("#message").filter({ hasText: said! });
				await message.waitFor();
				expect((await message.textContent())!.length).toBeLessThan(700);
			}
			await page.goto(`${server.origin}/#v=1&s=L06`);
			await says("SAFE");
			expect(await page.locator("#message").isVisible()).toBe(false);
		});

		/** Drops a file on an element, as a hand does. */
		const dropOn = (target: string, name: string, content: string | number[]) =>
			page.locator(target).evaluate(
				(element, { name, content }) => {
					const dataTransfer = new DataTransfer();
					const part = typeof content === "string" ? content : Uint8Array.from(content);
					dataTransfer.items.add(new File([part], name));
					element.dispatchEvent(
						new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true, composed: true }),
					);
				},
				{ name, content },
			);

		test("what is dropped anywhere goes where it is shown: traces, scenarios, profiles, told by their content", async () => {
			const counted = () => page.locator(".said").filter({ hasText: "200 references:" }).waitFor();
			const din = "0 1000\n1 2000\n".repeat(100);
			await open("#v=1&s=L06");
			await says("SAFE");
			await dropOn("body > header", "d.txt", din);
			await counted();
			await dropOn(".trace", "mine.txt", readFileSync(join(root, "scenarios/parisc/L02-clean-alias.scn"), "utf8"));
			await says("STALE");
			await dropOn(".cm-content", "d.scn", din);
			await counted();
			await page.goto(`${server.origin}/#v=1&view=cost&of=S1`);
			await page.locator(".cost-table").first().waitFor();
			await dropOn(".cost-table >> nth=0", "p.txt", '{"extends":"pa8800","id":"mine","title":"Mine"}');
			await page.locator(".verdict .on").filter({ hasText: "on mine" }).waitFor();
		});

		test("what cannot be shown is told in a sentence, and nothing is lost for it", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			await page.locator(".cm-content").waitFor();
			for (const [name, content, said] of [
				["a.out", [0x7f, 0x45, 0x4c, 0x46, ...new Array<number>(5000).fill(7)], "a.out: expected lackey or din"],
				["notes.txt", "dear diary,\n".repeat(500), "notes.txt: expected lackey or din"],
				["none.scn", "", "none.scn is empty"],
				["z.bz2", [0x42, 0x5a, 0x68, 0x39, 0, 0], "bzip2"],
				["odd.scn", [...Buffer.from("scenario "), 0xff, 0xfe], "neither text"],
				["long.scn", `scenario long\n${"# more\n".repeat(200_000)}`, "longer than 1 MB"],
				["result.json", '{"stalemate":"0.1.0","references":{},"caches":[]}', "stalemate report"],
			] as const) {
				await dropOn(".editor", name, content as string | number[]);
				await page.locator("#message").filter({ hasText: said }).waitFor();
			}
			await says("SAFE");
			expect(page.url()).not.toContain("t=");
		});

		test("a litmus test has its final states in lines, and no verdict of good or bad; the list says that it is one's own", async () => {
			await open();
			await says("STALE");
			const litmus = /```litmus\n(X86 SB.*?)```/s.exec(readFileSync(join(root, "docs/litmus.md"), "utf8"))![1]!;
			await dropOn("body", "SB.litmus", litmus);
			await says("Sometimes");
			const found = page.locator(".verdict");
			expect(await found.getAttribute("class")).toBe("verdict judged");
			expect(await found.locator("p").first().textContent()).toContain("in 1 of 4 final states");
			expect((await found.locator("pre").textContent())?.split("\n")).toContain("0:EAX=0; 1:EAX=0;");
			expect(await page.locator("#scenario option:checked").textContent()).toBe("SB, your own");
			await page.getByLabel("Memory model").selectOption("sc");
			await says("Never");
			await page.locator("#scenario").selectOption({ label: "L02  clean-alias" });
			await says("STALE");
			expect(await page.locator("#scenario option:checked").textContent()).toBe("L02  clean-alias");
		});

		test("nothing moves when the sample is counted, when another scenario is chosen, or when something is wrong", async () => {
			await open("#v=1&view=trace");
			await page.locator(".rulers .ruler").first().waitFor();
			await page.evaluate(() => {
				const moved = globalThis as { moved?: number };
				moved.moved = 0;
				new PerformanceObserver((list) => {
					for (const entry of list.getEntries()) moved.moved! += (entry as unknown as { value: number }).value;
				}).observe({ type: "layout-shift" });
			});
			// Two frames on, what moved is told.
			const moved = () =>
				page.evaluate(async () => {
					for (let i = 0; i < 2; i++) await new Promise(requestAnimationFrame);
					const all = globalThis as { moved?: number };
					const sum = all.moved!;
					all.moved = 0;
					return sum;
				});
			await button("Take the sample").dispatchEvent("click");
			await page.locator(".said").filter({ hasText: "fetches" }).waitFor();
			await page.locator(".miss .plot").waitFor();
			expect(await moved()).toBeLessThan(0.03);
			await dropOn("body", "none.din", "");
			await page.locator("#message").filter({ hasText: "empty" }).waitFor();
			expect(await moved()).toBeLessThan(0.03);
			await page.getByRole("link", { name: "Schedules" }).click();
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			await moved();
			const value = await page.locator("#scenario option").filter({ hasText: "L41" }).getAttribute("value");
			await page.locator("#scenario").evaluate((list: HTMLSelectElement, value) => {
				list.value = value!;
				list.dispatchEvent(new Event("change", { bubbles: true }));
			}, value);
			await page.locator(".story").filter({ hasNotText: "kernel read left behind" }).waitFor();
			await page.locator(".result[aria-busy=false]").waitFor();
			expect(await moved()).toBeLessThan(0.03);
		});

		test("undoing ends where the scenario was chosen", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			const text = page.locator(".cm-content");
			const undo = async () => {
				await text.click();
				await page.keyboard.press("Control+z");
			};
			await text.click();
			await page.keyboard.press("Control+Home");
			await page.keyboard.insertText("# mine\n");
			await page.waitForURL(/t=/);
			await button("Undo changes").click();
			await text.filter({ hasNotText: "# mine" }).waitFor();
			await undo();
			await text.filter({ hasText: "# mine" }).waitFor();
			await page.waitForURL(/t=/);
			await page.locator("#scenario").selectOption({ label: "L02  clean-alias" });
			await says("STALE");
			await undo();
			expect(await text.textContent()).toContain("scenario clean-alias");
		});

		test("a text that its address cannot hold is said to be kept nowhere", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			const noise = Array.from({ length: 8000 }, (_, i) => `# ${Math.sin(i)}${Math.cos(i)}`).join("\n");
			const text = readFileSync(join(root, "scenarios/parisc/L02-clean-alias.scn"), "utf8");
			await dropOn("body", "mine.scn", `${text}\n${noise}\n`);
			await page.locator("#message").filter({ hasText: "too long for the address" }).waitFor();
			await says("STALE");
		});

		test("what an address asks for in vain is left out, and the rest is there: the text, the lists, a verdict", async () => {
			await open("#v=1&s=L06");
			await says("SAFE");
			await page.locator(".cm-content").click();
			await page.keyboard.press("Control+Home");
			await page.keyboard.insertText("# mine\n");
			await page.waitForURL(/t=/);
			const address = page.url();
			for (const garbage of ["&p=8086", "&m=vax", "&q=nope%3D1", "&w=zzzzzzz"]) {
				await page.goto("about:blank");
				await page.goto(address + garbage);
				await page.locator("#message").filter({ hasText: "the rest begins anew" }).waitFor();
				await says("SAFE");
				await page.locator(".cm-content").filter({ hasText: "# mine" }).waitFor();
				expect(await page.locator("#profile option").count()).toBeGreaterThan(10);
			}
			await page.getByLabel("Memory model").selectOption("tso");
			await page.locator("#message").waitFor({ state: "hidden" });
			await says("SAFE");
		});

		test("the keyboard alone chooses a scenario, steps, takes an action out and writes", async () => {
			await open();
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			await page.keyboard.press("ArrowLeft");
			expect(await step().textContent()).toBe("9 of 10");
			await page.keyboard.press("Home");
			expect(await step().textContent()).toBe("start of 10");
			await page.keyboard.press("h");
			expect(await step().textContent()).toBe("10 of 10");
			await page.keyboard.press("s");
			const chosen = () =>
				page.locator("#scenario").evaluate((list: HTMLSelectElement) => list.selectedOptions[0]!.label);
			await page.locator("#scenario option").first().waitFor({ state: "attached" });
			for (let i = 0; i < 40 && !(await chosen()).startsWith("L06"); i++) await page.keyboard.press("ArrowDown");
			await says("SAFE");
			await page.evaluate(() => (document.activeElement as HTMLElement).blur());
			await page.keyboard.press("?");
			await page.getByRole("dialog").waitFor();
			await page.keyboard.press("Escape");
			const focused = () => page.evaluate(() => (document.activeElement as HTMLInputElement | null)?.dataset.key ?? "");
			for (let i = 0; i < 40 && !(await focused()).includes("cache.flush"); i++) {
				// The editor keeps Tab unless Escape went before.
				await page.keyboard.press("Escape");
				await page.keyboard.press("Tab");
			}
			await page.keyboard.press("Space");
			await says("STALE");
			expect(await focused()).toContain("cache.flush");
			await page.evaluate(() => (document.activeElement as HTMLElement).blur());
			await page.keyboard.press("e");
			await page.keyboard.press("Control+Home");
			await page.keyboard.type("x");
			await page.locator(".wrong").filter({ hasText: "cannot begin a line" }).waitFor();
		});

		test.each(["light", "dark"] as const)("axe finds nothing wrong in %s", async (colorScheme) => {
			const axe = readFileSync(join(root, "node_modules/axe-core/axe.min.js"), "utf8");
			await open("", { colorScheme });
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			const violations = async () => {
				await page.evaluate(axe);
				return page.evaluate(async () => {
					const { violations } = await (globalThis as unknown as { axe: typeof import("axe-core") }).axe.run();
					return violations.map(
						({ id, impact, nodes }) =>
							`${impact} ${id}: ${nodes
								.map(({ html }) => html)
								.join(" ")
								.slice(0, 300)}`,
					);
				});
			};
			expect(await violations()).toEqual([]);
			await page.getByRole("link", { name: "Traces" }).click();
			await page.getByRole("button", { name: "Take the sample" }).click();
			await page.locator(".miss .plot").waitFor();
			expect(await violations()).toEqual([]);
			await page.evaluate(() => {
				location.hash = "#v=1&view=cost&of=S1";
			});
			await page.locator(".cost-table").first().waitFor();
			expect(await violations()).toEqual([]);
		});

		test("a search without end shows how far it is, can be cancelled, and leaves the page alive", async () => {
			await open();
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			const actors = [0, 1, 2, 3, 4, 5].map(
				(n) => `  actor a${n} on cpu ${n}\n${`    rmw.add r <- x${n}, 1\n    rmw.add r <- y, 1\n`.repeat(12)}`,
			);
			const vars = [0, 1, 2, 3, 4, 5].map((n) => `  var x${n} = 0\n`).join("");
			const endless = `scenario endless\n  profile abstract\n${vars}  var y = 0\n\n${actors.join("\n")}\n  expect SAFE\n`;
			await page.locator(".cm-content").click();
			await page.keyboard.press("Control+A");
			await page.evaluate((text) => {
				const data = new DataTransfer();
				data.setData("text/plain", text);
				const target = document.querySelector(".editor")!.shadowRoot!.activeElement!;
				target.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
			}, endless);
			await page.locator(".progress").filter({ hasText: "states so far" }).waitFor();
			await button("Cancel").click();
			await says("INCOMPLETE (cancelled)");
			await page.locator("#scenario").selectOption({ label: "L02  clean-alias" });
			await says("STALE");
		});

		test("what is copied is a command, a test and a program", async () => {
			await open("", { permissions: ["clipboard-read", "clipboard-write"] });
			await says("STALE");
			const copied = async (name: string) => {
				await button(name).click();
				await page.locator(".copied").filter({ hasText: "copied" }).waitFor();
				return page.evaluate(() => navigator.clipboard.readText());
			};
			const command = await copied("Copy as CLI");
			expect(command).toBe("npx stalemate check L02 --profile pa8800 --model sc\n");
			const ran = spawnSync(process.execPath, [join(root, "dist/cli.js"), ...command.trim().split(" ").slice(2)], {
				encoding: "utf8",
			});
			expect(ran.stdout).toContain("STALE");
			expect(await copied("Copy as test")).toContain('expect(hazards).toContain("STALE")');
			expect(await copied("Copy as code")).toContain('import { loadCheck, scheduleText } from "stalemate/check"');
		});

		test("a profile of one's own is checked on, kept in the address, and there for traces; what is taken out goes along", async () => {
			await open("#v=1&s=L06", { permissions: ["clipboard-read", "clipboard-write"] });
			await says("SAFE");
			await page.getByText("A profile of your own").click();
			const own = { extends: "pa8800", id: "mine", title: "Mine", caches: { L1D: { size: "384K" } } };
			const file = { name: "mine.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(own)) };
			await page.locator("#own-profile").setInputFiles(file);
			await page.locator(".verdict .on").filter({ hasText: "on mine" }).waitFor();
			await page.getByRole("switch", { name: "cache.flush" }).first().click();
			await says("STALE");
			await page.waitForURL(/o=.*x=|x=.*o=/);
			await page.reload();
			await says("STALE");
			await page.locator(".verdict .on").filter({ hasText: "on mine" }).waitFor();
			expect(await page.locator("#profile").inputValue()).toBe("own:mine");
			for (const name of ["Copy as CLI", "Copy as code"]) {
				await button(name).click();
				await page.locator(".copied").filter({ hasText: "copied" }).waitFor();
				const text = await page.evaluate(() => navigator.clipboard.readText());
				const code = /^(?:cat > stalemate\.mjs <<'END'\n)?(import.*?\n)(?:END\nnode stalemate\.mjs\n)?$/s.exec(
					text,
				)![1]!;
				const from = pathToFileURL(join(root, "dist/check.js")).href;
				const ran = spawnSync(process.execPath, ["--input-type=module"], {
					input: code.replace("stalemate/check", from),
					encoding: "utf8",
				});
				expect([ran.stderr, ran.stdout.split("\n")[0]]).toEqual(["", "HAZARD STALE"]);
			}
			await page.getByRole("link", { name: "Traces" }).click();
			await page.getByRole("checkbox", { name: "mine" }).check();
			await page.waitForURL(/on=own%3Amine/);
			await page.reload();
			expect(await page.getByRole("checkbox", { name: "mine" }).isChecked()).toBe(true);
			await page.getByRole("link", { name: "Schedules" }).click();
			await page.locator("#own-profile").setInputFiles({ ...file, buffer: Buffer.from('{"extends":"vax"}') });
			await page.locator("#message").filter({ hasText: 'mine.json: unknown profile "vax"' }).waitFor();
		});

		test("a schedule of one's own is chosen step by step", async () => {
			await open("#v=1&s=L06&n=0");
			await says("SAFE");
			await button("Go on from here yourself").click();
			await page
				.getByRole("group", { name: "What can happen next" })
				.getByRole("button", { name: /store U <- 1/ })
				.click();
			await page.locator(".where").filter({ hasText: "1 of 1" }).waitFor();
			// Not the schedule without steps, which a slow machine has time to write down first.
			await page.waitForURL(/w=\w/);
			await page.reload();
			await page.locator(".where").filter({ hasText: "1 of 1" }).waitFor();
			await button("Back to what was found").click();
			await page.getByRole("heading", { name: "One of its schedules" }).waitFor();
		});

		test("where no WebAssembly is allowed that is said, and what to do", async () => {
			const closed = await servePage(folder, { policy: "default-src 'self' blob: data:" });
			try {
				await open("", {}, closed.origin);
				const message = page.locator("#message").filter({ hasText: "'wasm-unsafe-eval'" });
				expect(await message.textContent()).toMatch(/^WebAssembly is not allowed here[^.]*\.$/);
			} finally {
				// First the page: what it still loads would fail with the server gone.
				await page.context().close();
				await closed.close();
				problems.splice(0);
			}
		});

		test("it works where nothing may be stored", async () => {
			const context = await browser.newContext();
			page = await context.newPage();
			await page.addInitScript(() => {
				for (const name of ["localStorage", "sessionStorage", "indexedDB", "caches"])
					Object.defineProperty(globalThis, name, {
						get: () => {
							throw new DOMException("denied", "SecurityError");
						},
					});
			});
			page.on("pageerror", (error) => problems.push(String(error)));
			await page.goto(server.origin);
			await says("STALE");
		});

		test("once loaded it works without a network", async () => {
			const gone = await servePage(folder);
			await open("", {}, gone.origin);
			await says("STALE");
			await page.evaluate(() => navigator.serviceWorker.ready);
			await gone.close();
			await page.reload();
			await says("STALE");
			await page.locator(".cm-content").waitFor();
			await page.getByRole("link", { name: "Traces" }).click();
			await page.locator(".machine-list input").first().waitFor();
			problems.splice(0);
		});

		test("it brings the licences of what is in it", async () => {
			const text = readFileSync(join(folder, "THIRD-PARTY.txt"), "utf8");
			for (const name of ["@codemirror/state", "@codemirror/view", "@lezer/lr", "@lezer/highlight", "fzstd"])
				expect(text).toMatch(new RegExp(`^${name} \\d.*\\(MIT\\)$`, "m"));
			await open();
			await says("STALE");
			expect(await page.getByRole("link", { name: "Licences" }).getAttribute("href")).toBe("THIRD-PARTY.txt");
		});

		test("all of it is less than 500 kB, zipped", () => {
			const sizes = readdirSync(folder)
				.filter((name) => !name.startsWith("sample"))
				.map((name) => gzipSync(readFileSync(join(folder, name))).length);
			expect(sizes.reduce((sum, size) => sum + size)).toBeLessThan(500_000);
		});
	});

	describe("costs", () => {
		const titles = () => page.locator(".cost-table").first().locator("thead th").allTextContents();

		test("the tables have the columns of the command line; what has no price is said, and the tables are dimmed", async () => {
			await open("#v=1&view=cost&of=S2");
			await page.locator(".cost-tables[aria-busy=false] .cost-table").first().waitFor();
			expect(await titles()).toEqual(expect.arrayContaining(["published", "simulated", "error", "left out", "basis"]));
			await page.getByLabel("Machine").selectOption("pa8800");
			const said = page.locator(".cost .outcome > .hint");
			await said.filter({ hasText: /^profile pa8800 does not say .*; below is still S2.* on haswell-ep\.$/ }).waitFor();
			expect(await page.locator(".cost.broken").count()).toBe(1);
			expect(await page.locator("#message").isVisible()).toBe(false);
			await button("As it was").click();
			await page.getByLabel("Machine").selectOption("");
			await said.filter({ hasText: /^S2, .* ms$/ }).waitFor();
			expect(await page.locator(".cost.broken").count()).toBe(0);
		});

		test("on a telephone the numbers stand beside their names", async () => {
			await open("#v=1&view=cost&of=S4", { viewport: { width: 360, height: 800 } });
			const table = page.locator(".cost-tables[aria-busy=false] .cost-table").first();
			await table.waitFor();
			const right = () =>
				table
					.locator("tbody tr")
					.evaluateAll((rows) => rows.map((row) => row.children[1]!.getBoundingClientRect().right));
			for (const edge of await right()) expect(edge).toBeLessThanOrEqual(360);
			expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
		});

		test("a price is moved, and the published figure stands beside", async () => {
			await open("#v=1&view=cost&of=S1");
			const table = page.locator(".cost-table").last();
			await table.getByText("published").or(table.getByText("simulated")).first().waitFor();
			const figures = () => table.locator("tbody tr").allTextContents();
			const before = await figures();
			await page.locator(".dial").filter({ hasText: "full memory fence" }).locator("input").fill("80");
			await table.getByText("measured machine").waitFor();
			expect(await figures()).not.toEqual(before);
			await page.waitForURL(/price=costs.fullFence%3D80/);
			await page.reload();
			await table.getByText("measured machine").waitFor();
			expect(await page.locator(".dial").filter({ hasText: "full memory fence" }).locator("output").textContent()).toBe(
				"80 cycles",
			);
		});
	});

	describe("traces", () => {
		const sample = join(root, "examples/sample/sample.packed.gz");
		const status = () => page.locator(".said");
		const drop = (name: string, content: Buffer | string) =>
			page
				.locator("#trace-file")
				.setInputFiles({ name, mimeType: "application/octet-stream", buffer: Buffer.from(content) });

		/** Misses by machine and level, as the page has them. */
		async function counts(): Promise<string[]> {
			await status()
				.filter({ hasText: /references: .* fetches/ })
				.waitFor();
			return page
				.locator(".counts tr")
				.evaluateAll((rows) => rows.map((row) => [...row.children].map((cell) => cell.textContent).join(" ")));
		}

		test("a trace has the counts that the command line prints", async () => {
			await open("#v=1&view=trace&on=broadwell&on=e500v2");
			await page.locator("#trace-file").setInputFiles(sample);
			const cli = spawnSync(
				process.execPath,
				[join(root, "dist/cli.js"), "trace", sample, "--profile", "broadwell,e500v2"],
				{ encoding: "utf8" },
			);
			const printed = cli.stdout.split("\n").map((line) => line.trim().replace(/ +/g, " "));
			const shown = (await counts()).map((line) => line.trim().replace(/ +/g, " "));
			for (const level of ["L1I", "L1D", "L2"]) {
				const row = shown.find((line) => line.startsWith(`${level} `));
				expect(row).toMatch(/\d,\d{3}/);
				expect(printed).toContain(row);
			}
			await page.locator(".miss .plot").waitFor();
			expect(await page.locator(".pressure canvas").count()).toBe(2);
			expect(await page.locator(".ruler").count()).toBe(2);
		});

		test("what is no trace, or no profile, is told in a sentence", async () => {
			await open("#v=1&view=trace");
			await page.locator(".machine-list input").first().waitFor();
			const program = Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(5000, 7)]);
			for (const [name, content, said] of [
				["a.out", program, "a.out"],
				["notes.txt", "dear diary,\n".repeat(500), "notes.txt"],
				["nothing.din", "", "empty"],
				["mine.json", "{,}", "no JSON"],
				["mine.json", '{"extends":"broadwell","cashes":{}}', "caches"],
			] as const) {
				await drop(name, content);
				await page.locator("#message").filter({ hasText: said }).waitFor();
			}
		});

		test("5 GB are streamed: the page lives meanwhile, and what was read is counted after Cancel", async () => {
			const parts = mkdtempSync(join(tmpdir(), "stalemate-"));
			const large = join(parts, "large.champsim");
			writeFileSync(large, "");
			// Nothing but a hole, which is a record of one instruction again and again.
			truncateSync(large, 5 * 2 ** 30);
			try {
				await open("#v=1&view=trace&on=broadwell");
				await page.locator(".machine-list input").first().waitFor();
				await page.getByLabel("Format").selectOption("champsim");
				await page.locator("#trace-file").setInputFiles(large);
				await status().filter({ hasText: "references / s" }).waitFor();
				await page.getByRole("link", { name: "Schedules" }).click();
				await says("STALE");
				await page.getByRole("link", { name: "Traces" }).click();
				await button("Cancel").click();
				await page.locator("#message").filter({ hasText: "of what was read until then" }).waitFor();
				expect((await counts()).join()).toContain("L1I");
			} finally {
				rmSync(parts, { recursive: true });
			}
		});

		test("a profile of one's own, of 64 CPUs, is simulated beside the others", async () => {
			await open("#v=1&view=trace&on=broadwell");
			await page.locator(".machine-list input").first().waitFor();
			await drop(
				"mine.json",
				'{"extends":"zen3","id":"huge","title":"Mine","cpus":{"sockets":4,"cores":8,"threads":2}}',
			);
			await page.getByRole("checkbox", { name: "huge" }).waitFor();
			await drop("t.din", "0 1000\n1 2000\n".repeat(100));
			expect((await counts())[0]).toContain("huge");
		});
	});
});
