// Numbers as people read them. Always the same, whatever the locale.

/** 1421779 -> "1,421,779". */
export function whole(value: number): string {
	return String(Math.round(value)).replace(/\B(?=(\d{3})+$)/g, ",");
}

/** 1 -> "1 read", 2000 -> "2,000 reads". */
export function many(value: number, one: string, several = `${one}s`): string {
	return `${whole(value)} ${value === 1 ? one : several}`;
}

const UNITS = ["", " k", " M", " G", " T"];

/** At most four digits and a unit: 1421779 -> "1.422 M". */
export function short(value: number): string {
	let power = 0;
	while (Math.abs(value) >= 999.95 && power < UNITS.length - 1) {
		value /= 1000;
		power++;
	}
	return power === 0 ? String(Math.round(value)) : `${value.toPrecision(4)}${UNITS[power]}`;
}

/** 1880000 -> "1.880 MB". */
export function bytes(value: number): string {
	const text = short(value);
	return text.includes(" ") ? `${text}B` : `${text} B`;
}

/** A ratio in per cent: 0.0026657 -> "0.267 %". */
export function percent(ratio: number): string {
	const value = ratio * 100;
	const digits = value >= 99.95 || value === 0 ? 0 : value >= 9.995 ? 1 : value >= 0.9995 ? 2 : 3;
	if (value > 0 && value < 0.0005) return "<0.001 %";
	return `${value.toFixed(digits)} %`;
}

/** A few digits: 4.8653 -> "4.87", 250.12 -> "250". */
export function decimal(value: number): string {
	return value >= 100 ? whole(value) : value.toFixed(2);
}

/** Seconds as a clock: 75 -> "1:15". */
export function clock(seconds: number): string {
	const all = Math.ceil(seconds);
	const minutes = Math.floor(all / 60) % 60;
	const hours = Math.floor(all / 3600);
	const two = (value: number) => String(value).padStart(2, "0");
	return hours > 0 ? `${hours}:${two(minutes)}:${two(all % 60)}` : `${minutes}:${two(all % 60)}`;
}
