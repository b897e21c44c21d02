/** In place of node.ts where it is certain that there is no Node: in the bundle for pages. */

import { StalemateError } from "../errors.ts";

/** Files and standard input are Node's. */
export function needsNode(what: string): never {
	throw new StalemateError("IO", `${what} needs Node: here, give bytes, a Blob or a stream`, { file: what });
}

export { needsNode as fileBytes };

export function standardInput(): never {
	return needsNode("-");
}

export function nodeGunzip(): undefined {}

export async function fileSink(path: string): Promise<never> {
	return needsNode(path);
}
