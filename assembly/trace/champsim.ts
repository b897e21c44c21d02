import { KIND_FETCH, KIND_READ, KIND_WRITE } from "../../bindings/layout/records";
import { STATUS_BAD_RECORD, STATUS_TRUNCATED } from "../../bindings/layout/trace";
import { put, Sink } from "./sink";
import { countSkipped, fail, full, skipping } from "./state";

// ChampSim's instructions, 64 bytes each:
//
//   0: u64 ip   8: u8 is_branch   9: u8 taken   10: u8[2] registers written   12: u8[4] registers read
//   16: u64[2] addresses written   32: u64[4] addresses read
//
// One is a fetch at ip, then its reads, then its writes, all of size 1; an address of 0 is none.

export const CHAMPSIM_SIZE: usize = 64;

/** Fills the batch from [at, end); `last`: the input ends there. Returns how far whole instructions were read. */
export function parseChampsim<S extends Sink>(at: usize, end: usize, last: bool): usize {
	for (; end - at >= CHAMPSIM_SIZE && !full(); at += CHAMPSIM_SIZE) {
		if (load<u16>(at, 8) & 0xfefe) {
			if (!skipping()) {
				fail(STATUS_BAD_RECORD, at);
				return at;
			}
			countSkipped();
			continue;
		}
		put<S>(KIND_FETCH, load<u64>(at), 1);
		for (let i: usize = 32; i < 64; i += 8) {
			const address = load<u64>(at + i);
			if (address) put<S>(KIND_READ, address, 1);
		}
		for (let i: usize = 16; i < 32; i += 8) {
			const address = load<u64>(at + i);
			if (address) put<S>(KIND_WRITE, address, 1);
		}
	}
	if (last && at < end && end - at < CHAMPSIM_SIZE && !full()) {
		if (skipping()) {
			countSkipped();
			return end;
		}
		fail(STATUS_TRUNCATED, at);
	}
	return at;
}
