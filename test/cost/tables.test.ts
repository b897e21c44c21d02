import { describe, expect, test } from "vitest";
import { loadCostSync } from "../../src/cost/load.ts";
import { PACKET, SHOOTDOWN, SYNC_PACKET } from "../../src/cost/mechanisms.ts";
import { applySets, profile } from "../../src/profiles/index.ts";

const cost = loadCostSync();
const { sections } = cost.reproduce(undefined, { samples: 24 });
const cells = new Map(
	sections.flatMap(({ tables }) => tables.flatMap(({ cells }) => cells.map((cell) => [cell.id, cell]))),
);
const simulated = (id: string) => cells.get(id)!.simulated;

describe("the published tables", () => {
	test("each cell has an id of its own, and says how it is known and what it was fitted to", () => {
		const all = sections.flatMap(({ tables }) => tables.flatMap(({ cells }) => cells));
		expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
		for (const { id, published, simulated, error, basis, calibratedOn } of all) {
			expect(Number.isFinite(simulated), id).toBe(true);
			expect(error).toBe(published === null ? null : simulated - published);
			expect(["documented", "calibrated", "predicted", "estimated"]).toContain(basis);
			if (basis === "calibrated") expect(calibratedOn.length, id).toBeGreaterThan(0);
		}
	});

	test("S0: flushes of a page by the length of a line; a second flush costs what absent lines cost", () => {
		expect([16, 32, 64, 128].map((line) => simulated(`S0/flushes/${line}`))).toEqual([256, 128, 64, 32]);
		expect(cells.get("S0/flushes/32")!.published).toBe(128);
		for (const line of [16, 32, 64, 128]) {
			const of = (what: string) => simulated(`S0/page/${line}/${what}`);
			expect(of("absent")).toBeLessThan(of("clean"));
			expect(of("clean")).toBeLessThan(of("dirty"));
			expect(of("double") - of("dirty")).toBeCloseTo(of("absent"), 6);
		}
		expect(simulated("S0/crossover/absent")).toBeCloseTo(8.45, 1);
		expect(simulated("S0/crossover/dirty")).toBeCloseTo(2.75, 1);
		expect(Math.round(simulated("S0/crossover/tlb"))).toBe(70);
	});

	test("S0: line by line against the whole cache, as curves, with the crossovers and what the kernel measured", () => {
		const { tables } = sections.find(({ id }) => id === "S0")!;
		const table = tables.find(({ title }) => title === "line by line against the whole cache")!;
		expect(table.series!.map(({ name }) => name)).toEqual([
			"absent, line by line",
			"dirty, line by line",
			"the whole cache",
		]);
		for (const { points } of table.series!) expect(points.length).toBe(9);
		expect(simulated("S0/flush/8192/absent")).toBeLessThan(simulated("S0/flush/8192/all"));
		expect(simulated("S0/flush/16384/absent")).toBeGreaterThan(simulated("S0/flush/16384/all"));
		for (const state of ["absent", "dirty"]) {
			const { interval, simulated, published } = cells.get(`S0/crossover/${state}`)!;
			expect(published).toBe(0.5);
			expect(interval![0]).toBeLessThan(simulated);
			expect(interval![1]).toBeGreaterThan(simulated);
		}
		expect(simulated("S0/purge/64/each")).toBeLessThan(simulated("S0/purge/64/all"));
		expect(simulated("S0/purge/128/each")).toBeGreaterThan(simulated("S0/purge/128/all"));
	});

	test("S0: flush_dcache_page grows with the user aliases; a forgotten flush is soon past being seen", () => {
		const grows = [0, 1, 2, 4, 8, 16].map((count) => simulated(`S0/flush_dcache_page/${count}`));
		expect(grows).toEqual([...grows].sort((a, b) => a - b));
		const seen = (part: number) =>
			[...cells.values()].filter(({ id }) => id.startsWith(`S0/forgotten/${part}/`)).map(({ simulated }) => simulated);
		for (const part of [1, 2, 8]) expect(seen(part)).toEqual([...seen(part)].sort((a, b) => b - a));
		expect(seen(8)[0]).toBeGreaterThan(99);
		expect(seen(8).at(-1)).toBeLessThan(0.1);
		// Where all fits, little is pushed out.
		expect(seen(1).at(-1)).toBeGreaterThan(seen(2).at(-1)!);
	});

	test("S1: means and Welch t; only the change of user time stands out of the noise", () => {
		expect(simulated("S1/real/before")).toBeCloseTo(81.376, 3);
		expect(simulated("S1/user/after")).toBeCloseTo(22.615, 3);
		expect(["real", "user", "sys"].map((name) => simulated(`S1/${name}/t`).toFixed(2))).toEqual([
			"1.19",
			"8.64",
			"1.45",
		]);
		expect(simulated("S1/real/change")).toBeCloseTo(-0.87, 2);
		expect(cells.get("S1/real/change")!.printed).toBe(-0.6);
		const notes = sections.find(({ id }) => id === "S1")!.tables[0]!.notes.join("\n");
		expect(notes).toContain("Only the change of user time can be told from noise");
	});

	test("S2: one thread within 2 ns, the others within 1; leave-one-out where the cells determine it", () => {
		const nine = [...cells.values()].filter(({ id }) => /^S2\/(before|concurrent|async)\/[124]$/.test(id));
		expect(nine).toHaveLength(9);
		for (const { id, error, calibratedOn, leaveOneOut } of nine) {
			expect(Math.abs(error!), id).toBeLessThan(id.endsWith("/1") ? 2 : 1);
			expect(calibratedOn).toHaveLength(9);
			expect(leaveOneOut).not.toBeUndefined();
		}
		const notes = sections.find(({ id }) => id === "S2")!.tables[0]!.notes.join("\n");
		expect(notes).toContain("7 constants fitted to 9 cells");
		expect(notes).toContain("leave-one-out: not identifiable");
	});

	test("S2: what its thread prints in per cent stands beside what its own numbers give", () => {
		const change = (key: string) => cells.get(`S2/change/${key}`)!;
		expect(change("concurrent/2").published).toBeCloseTo(-14.7, 1);
		expect(change("concurrent/2").printed).toBe(-14);
		expect(change("async/4").simulated).toBeCloseTo(-18, 1);
	});

	test("S2: the gain of async without a local flush is a prediction, and the note says that the thread expects more", () => {
		expect(cells.get("S2/async-no-local/2/gain")!.basis).toBe("predicted");
		const table = sections.find(({ id }) => id === "S2")!.tables.find(({ title }) => /kswapd/.test(title))!;
		expect(table.notes.join()).toContain("disagree");
	});

	test("S2: more CPUs cost more, on another socket more each, with an interval around the prediction", () => {
		const at = (n: number) => cells.get(`S2/concurrent/${n}`)!;
		expect((at(24).simulated - at(16).simulated) / 8).toBeGreaterThan((at(12).simulated - at(8).simulated) / 4);
		for (const n of [8, 12, 16, 24, 48]) {
			const { interval, simulated, published } = at(n);
			expect(published).toBeNull();
			expect(interval![0]).toBeLessThan(simulated);
			expect(interval![1]).toBeGreaterThan(simulated);
		}
	});

	test("S3: all five rates to one decimal, and the one that nobody measured as a prediction", () => {
		const rates = {
			"before/smap": 5,
			"before/nosmap": 6.6,
			"vmap/smap": 6.1,
			"vmap/nosmap": 7.4,
			"dependency/nosmap": 7.2,
		};
		for (const [id, rate] of Object.entries(rates)) {
			expect(cells.get(`S3/${id}`)!.published).toBe(rate);
			expect(simulated(`S3/${id}`).toFixed(1)).toBe(rate.toFixed(1));
		}
		const cell = cells.get("S3/dependency/smap")!;
		expect(cell.basis).toBe("predicted");
		expect(cell.simulated).toBeCloseTo(5.3, 0);
		expect(cell.interval![0]).toBeLessThanOrEqual(cell.simulated);
		expect(cell.interval![1]).toBeGreaterThanOrEqual(cell.simulated);
	});

	test("S4: the plain datapath and the unsynchronised map as published; barriers, locks and grace periods in order", () => {
		expect(simulated("S4/copy/smap").toFixed(1)).toBe("5.0");
		expect(simulated("S4/none/nosmap").toFixed(1)).toBe("7.4");
		for (const smap of ["smap", "nosmap"]) {
			const rate = (variant: string) => simulated(`S4/${variant}/${smap}`);
			expect(rate("none")).toBeGreaterThanOrEqual(rate("rcu"));
			expect(rate("rcu")).toBeGreaterThan(rate("counter-full"));
			expect(rate("rcu")).toBeGreaterThan(rate("spinlock"));
			expect(rate("spinlock")).toBeGreaterThan(rate("srcu"));
		}
		const waits = (variant: string) => simulated(`S4/${variant}/writer/median`);
		expect(waits("rcu")).toBeGreaterThan(1000);
		expect(waits("rcu-expedited")).toBeLessThan(waits("rcu"));
		expect(waits("spinlock")).toBeLessThan(1);
		expect(waits("mutex")).toBeGreaterThan(waits("spinlock"));
		// Behind a page on a disk.
		expect(simulated("S4/mutex-swap/writer/99.9 %")).toBeGreaterThan(7900);
	});

	test("S4: who waits for a batch waits for half of one, or a whole one; who waits for a grace period, for any of its range", () => {
		const waits = (variant: string) => ["median", "99.9 %"].map((what) => simulated(`S4/${variant}/writer/${what}`));
		// 64 packets of 0.164 us.
		const batch = (64 * 1) / simulated("S4/none/smap");
		const [median, late] = waits("mutex");
		expect(Math.abs(median! / (batch / 2) - 1)).toBeLessThan(0.1);
		expect(Math.abs(late! / batch - 1)).toBeLessThan(0.1);
		const periods = { rcu: [20_000, 30_000], "rcu-expedited": [60, 100], srcu: [100, 1000], preempt: [4000, 10_000] };
		for (const [variant, [usual, longest]] of Object.entries(periods)) {
			const [median, late] = waits(variant);
			expect(Math.abs(median! / usual! - 1), variant).toBeLessThan(0.1);
			expect(late, variant).toBeLessThan(longest! * 1.02);
			expect(late, variant).toBeGreaterThan(longest! * 0.9);
		}
	});

	test("S4: a counter whose holder is switched out keeps the notifier waiting, and the table says so", () => {
		expect(simulated("S4/counter-full/writer/99.9 %")).toBeLessThan(1);
		expect(simulated("S4/counter-full-preempted/writer/median")).toBeGreaterThan(1000);
		expect(cells.get("S4/counter-full/writer/99.9 %")!.note).toContain("no bound where its holder is switched out");
		expect(cells.get("S4/spinlock/writer/99.9 %")!.note).not.toContain("no bound");
	});

	test("S4: every predicted figure has an interval, from machines that give the published rates", () => {
		const own = [...cells.values()].filter(({ id, published }) => id.startsWith("S4/") && published === null);
		for (const { id, interval } of own) expect(interval, id).toBeDefined();
		const rate = (id: string) => cells.get(`S4/${id}`)!.interval!;
		// "none" and a few stores more: not faster than what is published of that.
		for (const variant of ["rcu", "seqcount", "counter"]) {
			expect(rate(`${variant}/smap`)[1]).toBeLessThan(6.15);
			expect(rate(`${variant}/smap`)[0]).toBeGreaterThan(5.9);
		}
		// So that what is ordered can be told apart.
		expect(rate("counter/smap")[0]).toBeGreaterThan(rate("spinlock/smap")[1]);
		expect(rate("spinlock/smap")[0]).toBeGreaterThan(rate("srcu/smap")[1]);
		// The ranges of the pairs that were measured: 23 to 40 cycles, 45 to 90.
		const width = (id: string) => rate(id)[1] - rate(id)[0];
		expect(width("spinlock/nosmap")).toBeGreaterThan(2 * width("counter/nosmap"));
		expect(width("srcu/nosmap")).toBeGreaterThan(3 * width("counter/nosmap"));
	});

	test("L16, L45 and L52 have their prices", () => {
		expect(simulated("L16/second")).toBeGreaterThan(0);
		expect(simulated("L52/33")).toBeGreaterThan(simulated("L52/32"));
		expect(simulated("L52/34")).toBeLessThan(simulated("L52/33"));
		expect(simulated("L45/concurrent/100")).toBeGreaterThan(simulated("L45/concurrent/10"));
		expect(simulated("L45/async/1000")).toBeGreaterThan(100_000);
		for (const us of [0, 1, 10, 100, 1000]) {
			const [concurrent, async] = ["concurrent", "async"].map((flavour) => cells.get(`L45/${flavour}/${us}`)!);
			expect(async!.simulated).toBeLessThanOrEqual(concurrent!.simulated);
			// Half of the time for half of the time that they are off, on average.
			expect(Math.abs(concurrent!.simulated / (simulated("S2/concurrent/2") + us * 250) - 1)).toBeLessThan(0.05);
			for (const { interval, simulated, decimals } of [concurrent!, async!]) {
				expect(interval![0]).toBeLessThan(simulated);
				expect(interval![1]).toBeGreaterThan(simulated);
				expect(10 ** -decimals!).toBeGreaterThan((interval![1] - interval![0]) / 101);
			}
		}
	});

	test("the constants that ship are those of the fits", () => {
		const notes = sections.flatMap(({ tables }) => tables.flatMap((table) => table.notes)).join("\n");
		for (const [name, value] of Object.entries(SHOOTDOWN)) expect(notes).toContain(`${name} ${value.toFixed(1)}`);
		expect(notes).toContain(`the rest of a packet is ${PACKET.toFixed(0)} cycles`);
		expect(notes).toContain(`the rest of a packet is ${SYNC_PACKET.toFixed(1)} cycles`);
	});
});

describe("a mechanism gives the figures that its constants were fitted to", () => {
	/** A round of the worker, and a notifier that stays away: so the rates were measured. */
	const packets = 640;
	const quiet = { pause: { value: 1e9, unit: "ns", basis: "given" } } as const;

	test.each([
		["copy", "smap", "5.0"],
		["copy", "nosmap", "6.6"],
		["none", "smap", "6.1"],
		["none", "nosmap", "7.4"],
	])("vhost-sync %s %s", (variant, smap, published) => {
		const machine = applySets(profile("broadwell"), [`smap=${smap === "smap"}`]);
		const options = { params: { variant }, profile: machine, iterations: 3, constants: quiet };
		const { ns, calibratedOn } = cost.cost("vhost-sync", options);
		expect(((1000 * packets) / ns).toFixed(1)).toBe(published);
		expect(calibratedOn).toContain(`S4/${variant}/${smap}`);
	});
});

describe("what if", () => {
	const of = (found: ReturnType<typeof cost.reproduce>, id: string) =>
		found.sections.flatMap(({ tables }) => tables.flatMap(({ cells }) => cells)).find((cell) => cell.id === id)!;

	test("page-table isolation makes a shootdown dearer; what was measured stands beside, nothing is fitted anew", () => {
		const cell = of(cost.reproduce(["S2"], { pti: true, samples: 0 }), "S2/async/2");
		expect(cell.published).toBeNull();
		expect(cell.basis).toBe("predicted");
		expect(cell.asPublished).toBeCloseTo(1115, 0);
		expect(cell.simulated).toBeGreaterThan(cell.asPublished!);
	});

	test("without SMAP the rates are those of SMAP off", () => {
		const found = cost.reproduce(["S3"], { sets: ["smap=false"] });
		expect(of(found, "S3/before/smap").simulated).toBeCloseTo(of(found, "S3/before/nosmap").simulated, 6);
	});

	test("S3: the interval of the prediction hardly depends on the seed, and is there for another machine", () => {
		const cellOf = (what: Parameters<typeof cost.reproduce>[1]) =>
			of(cost.reproduce(["S3"], what), "S3/dependency/smap");
		const lows = [1, 2, 3, 4].map((seed) => cellOf({ seed }).interval!);
		for (const end of [0, 1] as const) {
			const ends = lows.map((interval) => interval[end]);
			expect(Math.max(...ends) - Math.min(...ends)).toBeLessThan(0.02);
		}
		for (const what of [{ profile: "zen3" }, { sets: ["smap=false"] }, { sets: ["costs.accessOk=100"] }]) {
			const { interval, simulated } = cellOf(what);
			expect(interval![0]).toBeLessThanOrEqual(simulated);
			expect(interval![1]).toBeGreaterThanOrEqual(simulated);
		}
	});

	test("how often the notifier asks, and where SMAP is off, changes its wait no more than a batch of packets does", () => {
		const wait = (pause: number, sets: string[] = []) =>
			cost.cost("vhost-sync", {
				...{ params: { variant: "mutex" }, actor: "notifier", iterations: 2000 },
				profile: applySets(profile("broadwell"), sets),
				constants: { pause: { value: pause, range: [0, 2 * pause], varies: true, unit: "ns", basis: "given" } },
			});
		const [usual, ...others] = [20_000, 21_000, 23_000, 33_000].map((pause) => wait(pause));
		for (const { median, p999 } of others) {
			expect(Math.abs(median / usual!.median - 1)).toBeLessThan(0.1);
			expect(Math.abs(p999 / usual!.p999 - 1)).toBeLessThan(0.03);
		}
		const off = wait(20_000, ["smap=false"]);
		expect(Math.abs(off.p999 / usual!.p999 / (6.1 / 7.4) - 1)).toBeLessThan(0.05);
		expect(Math.abs(off.median / usual!.median / (6.1 / 7.4) - 1)).toBeLessThan(0.1);
	});

	test("swap on NVMe takes the disk out of the notifier's wait", () => {
		const found = cost.reproduce(["S4"], { swap: "nvme", samples: 0 });
		expect(of(found, "S4/mutex-swap/writer/99.9 %").simulated).toBeLessThan(100);
	});

	test("another line length, more CPUs", () => {
		const longer = cost.reproduce(["S0"], { lines: [256] });
		expect(of(longer, "S0/flushes/256").simulated).toBe(16);
		for (const id of ["S0/in-flight", "S0/flush_dcache_page"])
			expect(of(longer, `${id}/256B/1`).simulated).toBeLessThan(simulated(`${id}/1`));
		expect(of(longer, "S0/crossover/256B/dirty").simulated).toBeCloseTo(2 * simulated("S0/crossover/dirty"), 6);
		expect(of(longer, "L16/256B/both").simulated).toBeCloseTo(simulated("L16/both") / 2, 6);
		expect(of(cost.reproduce(["S2"], { threads: [64], samples: 0 }), "S2/before/64").note).toContain("haswell-ep-64");
	});
});

describe("what does not apply to a machine is said, and the rest is there", () => {
	const sectionOf = (found: ReturnType<typeof cost.reproduce>, id: string) =>
		found.sections.find((section) => section.id === id)!;
	const predicted = (found: ReturnType<typeof cost.reproduce>) =>
		sectionOf(found, "S2")
			.tables.flatMap(({ cells }) => cells)
			.filter(({ id }) => /^S2\/async\/\d+$/.test(id))
			.map(({ id }) => +id.split("/")[2]!);

	test("a machine with one constant changed has its predictions for as many CPUs as the measured one", () => {
		const found = cost.reproduce(["S2"], { sets: ["costs.atomic=30"], samples: 0 });
		expect(predicted(found)).toEqual([1, 2, 4, 8, 12, 16, 24, 48]);
	});

	test("predictions go as far as the machine has CPUs, unless a number is named", () => {
		expect(predicted(cost.reproduce(["S2"], { profile: "broadwell", samples: 0 }))).toEqual([1, 2, 4, 8, 12]);
		const call = () => cost.reproduce(["S2"], { profile: "broadwell", threads: [16], samples: 0 });
		expect(call).toThrow("threads is 16, and profile broadwell has 14 CPUs");
	});

	test("a machine with two CPUs has the cells for as many, and the reason beside the others", () => {
		const found = cost.reproduce(["S2"], { profile: "broadwell", sets: ["cpus.cores=2"], samples: 0 });
		expect(predicted(found)).toEqual([1, 2]);
		const none = sectionOf(found, "S2").tables.filter(({ notApplicable }) => notApplicable);
		expect(none.map(({ title }) => title)).toEqual(["predictions for more CPUs"]);
		expect(none[0]!.notApplicable).toContain("broadwell-custom has 2 CPUs");
	});

	test("S0 has what a machine's constants give; caches in which a line cannot stand twice leave none behind", () => {
		const none = (id: string) =>
			cost
				.reproduce(["S0"], { profile: id })
				.sections[0]!.tables.filter(({ notApplicable }) => notApplicable)
				.map(({ title, notApplicable }) => `${title}: ${notApplicable}`);
		const p9xxx = none("parisc-p9xxx");
		expect(p9xxx).toHaveLength(2);
		expect(p9xxx[0]).toMatch(/^line by line .*parisc-p9xxx .*costs\.cacheFlush.*pa8800/);
		expect(p9xxx[1]).toMatch(/^page by page .*costs\.tlbPurgeAll/);
		expect(none("zen3")).toEqual([expect.stringMatching(/^a forgotten flush.*no cache of profile zen3/)]);
	});

	test("a stale line in an outer cache that is indexed by virtual addresses is there for longer", () => {
		const of = (sets: string[]) => {
			const { sections } = cost.reproduce(["S0"], { profile: "parisc-p9xxx", sets });
			const all = sections[0]!.tables.flatMap(({ cells }) => cells);
			const found = all.filter(({ id }) => id.startsWith("S0/forgotten/8/"));
			return found
				.find(({ simulated }) => simulated < 50)!
				.id.split("/")
				.map(Number)
				.at(-1)!;
		};
		expect(of([])).toBeGreaterThan(4 * of(["caches.L2=none"]));
	});

	test("notes are of the machine that was asked for", () => {
		const notes = (id: string) =>
			cost
				.reproduce(["S0"], { profile: id })
				.sections[0]!.tables.flatMap(({ notes }) => notes)
				.join("\n");
		expect(notes("pa7100")).toContain("those of pa7100 have 32 B");
		expect(notes("zen3")).not.toMatch(/one at a time on the bus|PA-8800|for itself/);
	});

	test("a section says what stands in for what its machine has no price for", () => {
		const { standsIn } = cost.reproduce(["S2"], { profile: "e500mc", samples: 0 }).sections[0]!;
		expect(standsIn).toContain("all translations as one (profile e500mc has no costs.tlbPurgeAll)");
		expect(sectionOf({ sections } as ReturnType<typeof cost.reproduce>, "S2").standsIn).toBeUndefined();
	});

	test("sections whose machine lacks a constant say which; the others are there", () => {
		const found = cost.reproduce(["S0", "S1", "S3"], { pti: true, samples: 0 });
		expect(sectionOf(found, "S0").notApplicable).toMatch(/profile pa8800 .*costs\.ptiSwitch.*haswell-ep/);
		expect(sectionOf(found, "S1").notApplicable).toMatch(/profile e500v2 .*costs\.ptiSwitch/);
		expect(sectionOf(found, "S3").tables[0]!.cells.length).toBe(6);
		expect(() => cost.reproduce(["S0", "S1"], { pti: true })).toThrow("costs.ptiSwitch");
	});
});
