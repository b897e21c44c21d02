/** How a piece of text looks on a terminal; on anything else it stays as it is. */
export interface Style {
	bold(text: string): string;
	dim(text: string): string;
	red(text: string): string;
	yellow(text: string): string;
	cyan(text: string): string;
}

export const plain: Style = { bold: same, dim: same, red: same, yellow: same, cyan: same };

const ansi: Style = {
	bold: code(1, 22),
	dim: code(2, 22),
	red: code(31, 39),
	yellow: code(33, 39),
	cyan: code(36, 39),
};

/** Colours on a terminal, unless NO_COLOR is set (to anything) or the terminal is dumb. */
export function styleOf(isTTY: boolean | undefined, env: Record<string, string | undefined>): Style {
	return isTTY && !env.NO_COLOR && env.TERM !== "dumb" ? ansi : plain;
}

function same(text: string): string {
	return text;
}

function code(on: number, off: number): (text: string) => string {
	return (text) => (text === "" ? text : `\x1b[${on}m${text}\x1b[${off}m`);
}
