import { escaped } from "./escaped.ts";

/** A picture: written as a document of its own, or set into a page, which has the style once for all of its pictures. */
export interface Picture {
	kind: keyof typeof STYLES;
	title: string;
	width: number;
	height: number;
	parts: readonly string[];
}

/** Told apart by people who see few colours, too. */
const COLOURS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9"];

/** Classes of the lines, points and bars of a series: its number, from 0 on, chooses the colour. */
export function colourOf(series: number): string {
	return `c${series % COLOURS.length}`;
}

const STYLES = {
	plot: [
		".plot text{font:12px sans-serif;fill:#222}.plot .title{font-weight:bold}.plot .axis{stroke:#222}",
		".plot .grid{stroke:#8884}.plot polyline{fill:none;stroke-width:2}",
		...COLOURS.map((colour, i) => `.plot .c${i}{fill:${colour}}.plot polyline.c${i}{fill:none;stroke:${colour}}`),
	].join(""),
	schedule: [
		".schedule text{font:12px ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace;fill:#1f2328;white-space:pre}",
		".schedule .title{font-weight:700;font-size:14px}.schedule .head{font-weight:700;text-anchor:middle}",
		".schedule .head.left{text-anchor:start}.schedule .number{fill:#59636e;text-anchor:end}",
		".schedule .lane{stroke:#d1d9e0;stroke-width:2}.schedule rect{rx:4}.schedule .step{fill:#f6f8fa;stroke:#d1d9e0}",
		".schedule .hardware{fill:#fff8e5;stroke:#d4a72c}.schedule .cause{fill:#ddf4ff;stroke:#0969da;stroke-width:1.5}",
		".schedule .hazard{fill:#ffebe9;stroke:#cf222e;stroke-width:2}.schedule .spontaneous{stroke-dasharray:4 3}",
		".schedule .code{fill:#cf222e;font-weight:700}.schedule .stale{fill:#fff1f0;stroke:#ffaba8}",
		".schedule .old{fill:#a40e26}",
	].join(""),
};

/** What pages need for the pictures in them; on a dark screen they are dark, too. */
export const PICTURE_STYLE = [
	...Object.values(STYLES),
	"@media screen and (prefers-color-scheme:dark){",
	".plot text{fill:#e6edf3}.plot .axis{stroke:#9198a1}",
	".plot .c0{fill:#4ea8de}.plot polyline.c0{stroke:#4ea8de}.plot polyline{fill:none}",
	".schedule text{fill:#e6edf3}.schedule .number{fill:#9198a1}.schedule .lane{stroke:#3d444d}",
	".schedule .step{fill:#151b23;stroke:#3d444d}.schedule .hardware{fill:#272115;stroke:#9e6a03}",
	".schedule .cause{fill:#0c2d4f;stroke:#4493f8}.schedule .hazard{fill:#3c1618;stroke:#f85149}",
	".schedule .code{fill:#ff9b94}.schedule .stale{fill:#25171c;stroke:#8e2c2e}.schedule .old{fill:#ffb3ae}",
	"}",
].join("");

/** Without scripts or anything from elsewhere. */
export function svgDocument(picture: Picture): string {
	const { kind, width, height } = picture;
	const parts = [
		`<style>${STYLES[kind]}</style>`,
		`<rect width="${n(width)}" height="${n(height)}" fill="#fff"/>`,
		...picture.parts,
	];
	return `${svg(picture, ` xmlns="http://www.w3.org/2000/svg"`, parts)}\n`;
}

/** For a page with PICTURE_STYLE. */
export function svgElement(picture: Picture): string {
	return svg(picture, "", picture.parts);
}

function svg({ kind, title, width, height }: Picture, more: string, parts: readonly string[]): string {
	const size = `width="${n(width)}" height="${n(height)}" viewBox="0 0 ${n(width)} ${n(height)}"`;
	const head = `<svg${more} class="${kind}" ${size} role="img" aria-label="${escaped(title)}">`;
	return [head, ...parts, "</svg>"].join("\n");
}

export function rect(x: number, y: number, width: number, height: number, kind: string): string {
	return `<rect x="${n(x)}" y="${n(y)}" width="${n(width)}" height="${n(height)}" class="${kind}"/>`;
}

export function line(x1: number, y1: number, x2: number, y2: number, kind: string): string {
	return `<line x1="${n(x1)}" y1="${n(y1)}" x2="${n(x2)}" y2="${n(y2)}" class="${kind}"/>`;
}

/** A number as short as pictures need it. */
export function n(value: number): string {
	return String(Math.round(value * 10) / 10);
}
