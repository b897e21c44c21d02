import { HAZARD_CODES } from "../../bindings/hazards.ts";
import type { Model } from "./ast.ts";

export const MODELS: readonly Model[] = ["sc", "tso", "arm8", "rcpc"];

/** Words that are no names anywhere. */
export const RESERVED: ReadonlySet<string> = new Set([
	"if",
	"else",
	"while",
	"repeat",
	"each",
	"is",
	"and",
	"or",
	"not",
	"clamp",
]);

/** Codes of hazards: LATENT is a verdict of its own. */
export const HAZARDS = HAZARD_CODES.filter((code) => code !== "LATENT");

/** What an expectation may say: a verdict, or the codes of hazards. "HAZARD" is any of them, "ok" SAFE or LATENT. */
export const OUTCOMES: readonly string[] = ["ok", "SAFE", "LATENT", "HAZARD", "INCOMPLETE", ...HAZARDS];
