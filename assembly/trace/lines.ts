import { LINE_MAX, STATUS_LONG_LINE, STATUS_MORE } from "../../bindings/layout/trace";
import { dinLine, dinRun } from "./din";
import { lackeyLine, lackeyRun } from "./lackey";
import { Sink } from "./sink";
import { countLines, countSkipped, fail, full, skipping, status } from "./state";
import { Din, ENDS, findLines, lineEnd, TextFormat, TILE } from "./text";

// Text: runs of lines of the usual shape go the short way, any other line is read exactly. In din, where a digit turns out to
// be none, the rest of the tile is read exactly: that is how it is found which.

/** Inside a line that is too long and being skipped. */
let dropping: bool = false;

export function resetLines(): void {
	dropping = false;
}

/** Fills the batch from [at, end); `last`: the input ends there. Returns how far whole lines were read. */
export function parseLines<F extends TextFormat, S extends Sink>(at: usize, end: usize, last: bool): usize {
	if (dropping) {
		at = drop(at, end, last);
		if (dropping) return at;
	}
	while (at < end && !full() && status() == STATUS_MORE) {
		if (changetype<F>(0).lackey()) {
			at = lackeyRun<S>(at, end);
			if (at == end || full()) return at;
		} else {
			const lines = findLines(at, min(at + TILE, end));
			if (lines > 0) {
				at = dinTile<S>(at, lines);
				continue;
			}
		}
		const newline = lineEnd(at, end);
		if (newline - at > <usize>LINE_MAX) {
			if (!skipping()) {
				fail(STATUS_LONG_LINE, at);
				return at;
			}
			countSkipped();
			at = drop(newline, end, last);
			continue;
		}
		if (newline == end && !last) return at;
		if (!exact<F, S>(at, newline)) return at;
		countLines(1);
		at = min(newline + 1, end);
	}
	return at;
}

/** Reads `lines` lines of which findLines() found the ends. Returns how far it got. */
function dinTile<S extends Sink>(at: usize, lines: u32): usize {
	const ends = ENDS + ((<usize>lines) << 2);
	let plain = true;
	for (let p = ENDS; p < ends && !full(); ) {
		if (plain) {
			const stop = dinRun<S>(p, ends, at);
			plain = stop != 0;
			if (stop > p) {
				countLines((stop - p) >> 2);
				at = <usize>load<u32>(stop - 4) + 1;
				p = stop;
				continue;
			}
		}
		const newline = <usize>load<u32>(p);
		if (!exact<Din, S>(at, newline)) return at;
		countLines(1);
		at = newline + 1;
		p += 4;
	}
	return at;
}

/** Reads one line; false if it is bad and the reading stops there. */
function exact<F extends TextFormat, S extends Sink>(at: usize, newline: usize): bool {
	const code = changetype<F>(0).lackey() ? lackeyLine<S>(at, newline) : dinLine<S>(at, newline);
	if (code == 0) return true;
	if (skipping()) {
		countSkipped();
		return true;
	}
	fail(code, at);
	return false;
}

/** Passes over the rest of a line that is too long. */
function drop(at: usize, end: usize, last: bool): usize {
	const newline = lineEnd(at, end);
	dropping = newline == end && !last;
	if (newline == end) return end;
	countLines(1);
	return newline + 1;
}
