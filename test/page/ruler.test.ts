import { expect, test } from "vitest";
import { fieldsOf } from "../../page/trace/ruler.ts";
import { resolve } from "../../src/profiles/resolve.ts";
import { profile } from "../../src/profiles/shipped.ts";

function cacheOf(id: string, name: string) {
	const { caches, translation } = resolve(profile(id));
	return fieldsOf(caches.find((cache) => cache.name === name)!, translation.page);
}

test("a cache of which the index lies within the page has no aliases", () => {
	expect(cacheOf("broadwell", "L1D")).toMatchObject({
		aliases: 0,
		virtual: [
			{ name: "index", from: 6, to: 12 },
			{ name: "offset", from: 0, to: 6 },
		],
		physical: [{ name: "tag", from: 12, to: 64 }],
	});
});

test("virtual index bits above the page are those in which aliases differ", () => {
	const { aliases, virtual } = cacheOf("pa8800", "L1D");
	expect(aliases).toBe(5);
	expect(virtual).toContainEqual({ name: "alias", from: 12, to: 17 });
});

test("a physically indexed cache looks at no virtual address", () => {
	expect(cacheOf("broadwell", "L2").virtual).toEqual([]);
});
