/** Hazards in the order of their bits. */
export const HAZARD_CODES = [
	"STALE",
	"LOSTW",
	"UAI",
	"CORRUPT",
	"DIRTY",
	"LATEDIRTY",
	"TLB",
	"WALK",
	"MEMTYPE",
	"REFLEAK",
	"REFUNDER",
	"BADPFN",
	"ABBA",
	"SELF",
	"SWAPDEP",
	"LIVE",
	"SPEC",
	"MISS",
	"OVERMAP",
	"LATENT",
] as const;

/** What can go wrong in a program: docs/check.md says what each code means. */
export type HazardCode = (typeof HAZARD_CODES)[number];
