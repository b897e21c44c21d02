import { h } from "../dom.ts";
import type { Host, View } from "../main.ts";

export async function traceView(_: Host): Promise<View> {
	return { element: h("div"), show() {}, key() {}, keys: [] };
}
