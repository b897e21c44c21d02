import { StalemateError } from "../../src/errors.ts";

/** The package's error that a call throws; any other error is passed on. */
export function thrown(call: () => unknown): StalemateError {
	try {
		call();
	} catch (error) {
		if (error instanceof StalemateError) return error;
		throw error;
	}
	throw new Error("nothing was thrown");
}
