import { TOLD_ABOUT, TOLD_COMMAND, TOLD_KIND, TOLD_SIZE, TOLD_WHAT, TOLD_WHERE } from "../../bindings/layout/hold";

// What the rules do, told to whoever watches. Nobody does while programs are explored: then it is one comparison.

export let watched: bool = false;
let log: usize = 0;
let room: u32 = 0;
/** How many there were; those beyond the room are lost. */
export let told: u32 = 0;
/** The command that is under way. */
let command: u32 = 0;

export function watch(at: usize, most: u32): void {
	watched = at != 0;
	log = at;
	room = most;
	told = 0;
}

export function beginTelling(): void {
	told = 0;
}

export function tellOf(number: u32): void {
	command = number;
}

export function tell(kind: u32, where: u32, what: u32, about: u32): void {
	if (watched) put(kind, where, what, about);
}

function put(kind: u32, where: u32, what: u32, about: u32): void {
	if (told < room) {
		const at = log + <usize>told * TOLD_SIZE;
		store<u8>(at, <u8>kind, TOLD_KIND);
		store<u8>(at, <u8>where, TOLD_WHERE);
		store<u8>(at, <u8>what, TOLD_WHAT);
		store<u8>(at, <u8>about, TOLD_ABOUT);
		store<u32>(at, command, TOLD_COMMAND);
	}
	told++;
}
