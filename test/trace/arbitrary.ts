import type { Access } from "../../bindings/reader.ts";
import fc from "../properties.ts";
import { access, type Straddle } from "./reference.ts";

/** Addresses of all lengths; many near line and power-of-two boundaries. */
export const address: fc.Arbitrary<bigint> = fc.oneof(
	fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }),
	fc.bigInt({ min: 0n, max: 2n ** 32n }),
	fc
		.tuple(fc.bigInt({ min: 0n, max: 63n }), fc.bigInt({ min: -9n, max: 9n }))
		.map(([bit, d]) => BigInt.asUintN(64, (1n << bit) + d)),
	fc.tuple(fc.nat(200), fc.nat(70)).map(([line, byte]) => BigInt(0x1fff000000 + line * 64 + byte)),
);

export const size: fc.Arbitrary<number> = fc.oneof(
	{ weight: 5, arbitrary: fc.integer({ min: 1, max: 9 }) },
	{ weight: 2, arbitrary: fc.constantFrom(10, 16, 32, 64, 99, 100) },
	{ weight: 1, arbitrary: fc.integer({ min: 1, max: 65536 }) },
);

/** Accesses that stay within the address space. */
export const sizedAccess: fc.Arbitrary<Access> = fc
	.tuple(fc.nat(3), address, size)
	.map(([kind, a, s]) => access(kind, a + BigInt(s) > 2n ** 64n ? 2n ** 64n - BigInt(s) : a, s));

/** As programs make them: addresses of eight digits, on the stack of ten, few bytes, many of them over the end of a line. */
export const usualAccess: fc.Arbitrary<Access> = fc
	.tuple(
		fc.oneof({ weight: 9, arbitrary: fc.nat(2) }, fc.constant(3)),
		fc.oneof(
			{ weight: 6, arbitrary: fc.constantFrom(0x400000n, 0x401f000n) },
			{ weight: 2, arbitrary: fc.constantFrom(0x1fff000000n, 0x1ffeff0000n, 0x7fff000000n) },
		),
		fc.nat(200),
		fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 8 }) }, fc.integer({ min: 1, max: 16 })),
	)
	.map(([kind, segment, byte, size]) => access(kind, segment + BigInt(byte), size));

export const dinAccess: fc.Arbitrary<Access> = fc.tuple(fc.nat(2), address).map(([kind, a]) => access(kind, a));

export const straddle: fc.Arbitrary<Straddle> = fc.record({
	mode: fc.constantFrom("split", "once"),
	fetch: fc.integer({ min: 3, max: 12 }),
	data: fc.integer({ min: 3, max: 12 }),
	smallest: fc.integer({ min: 3, max: 12 }),
});
