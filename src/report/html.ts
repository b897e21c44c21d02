// Pages that need nothing but themselves: no script, nothing from elsewhere. The parts are HTML already.

import { VERSION } from "../simulate/version.ts";
import { escaped } from "./escaped.ts";
import { PICTURE_STYLE, type Picture, svgElement } from "./svg.ts";
import type { Sheet } from "./table.ts";

/** HTML, which texts are not. */
export interface Html {
	html: string;
}

export interface HtmlSheet extends Omit<Sheet, "rows"> {
	rows: readonly (readonly (string | Html)[])[];
	/** Rows that are not as they should be. */
	wrong?: ReadonlySet<number>;
}

/** A part of a page, with its heading. */
export interface Section {
	title: string;
	parts: readonly Html[];
}

/** What the page may do: be shown. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const STYLE = `
:root { color-scheme: light dark; --ink: #1f2328; --dim: #59636e; --paper: #fff; --soft: #f6f8fa; --edge: #d1d9e0; --wrong: #ffebe9; --link: #0550ae; }
@media screen and (prefers-color-scheme: dark) {
:root { --ink: #e6edf3; --dim: #9198a1; --paper: #0d1117; --soft: #151b23; --edge: #3d444d; --wrong: #3c1618; --link: #79c0ff; }
}
* { box-sizing: border-box; }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; padding: 1rem; max-width: 120rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2.5rem 0 0.5rem; padding-top: 0.75rem; border-top: 1px solid var(--edge); }
h1, h2, p, li, summary { overflow-wrap: anywhere; }
p, ul, ol { max-width: 60rem; margin: 0.5rem 0; }
a { color: var(--link); }
.dim, caption, footer { color: var(--dim); }
.scroll { overflow-x: auto; margin: 0.75rem 0; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 32rem), 1fr)); gap: 0 2rem; }
svg { display: block; }
svg.plot { width: 100%; min-width: 30rem; max-width: 48rem; height: auto; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption { text-align: left; font-weight: 600; padding: 0.25rem 0; white-space: nowrap; }
th, td { padding: 0.2rem 0.75rem; text-align: right; vertical-align: top; border-bottom: 1px solid var(--edge); white-space: nowrap; }
th:first-child, td:first-child { padding-left: 0.25rem; }
.left { text-align: left; }
.words { text-align: left; white-space: normal; min-width: 12rem; max-width: 40rem; }
thead th, thead td, .heading > * { background: var(--soft); font-weight: 600; }
.wrong > * { background: var(--wrong); }
details { margin: 0.5rem 0; }
summary { cursor: pointer; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
@media print {
:root { color-scheme: light; }
body { font-size: 10pt; padding: 0; max-width: none; }
.scroll { overflow: visible; }
table { font-size: 8pt; }
th, td, caption { white-space: normal; padding: 0.1rem 0.4rem; }
svg { max-width: 100%; height: auto; break-inside: avoid; }
svg.plot { min-width: 0; }
tr { break-inside: avoid; }
h2, caption { break-after: avoid; }
details::details-content { content-visibility: visible; display: block; }
}
`;

/** A whole page. */
export function page(title: string, sections: readonly Section[], about: readonly Html[] = []): string {
	const parts = sections.map(({ title: own, parts }, i) => {
		const heading = own === title ? "" : `<h2>${escaped(own)}</h2>\n`;
		return `<section id="s${i + 1}">\n${heading}${parts.map(({ html }) => html).join("\n")}\n</section>`;
	});
	const links = sections.map(({ title }, i) => `<li><a href="#s${i + 1}">${escaped(title)}</a></li>`);
	const contents = sections.length > 1 ? `<nav aria-label="Contents"><ul>\n${links.join("\n")}\n</ul></nav>\n` : "";
	return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="stalemate ${VERSION}">
<title>${escaped(title)} – stalemate</title>
<style>${STYLE}${PICTURE_STYLE}</style>
</head>
<body>
<header>
<h1>${escaped(title)}</h1>
</header>
<main>
${contents}${[...about.map(({ html }) => html), ...parts].join("\n")}
</main>
<footer><p>Written by stalemate ${VERSION}.</p></footer>
</body>
</html>
`;
}

export function paragraph(text: string, kind?: "dim"): Html {
	return { html: `<p${kind ? ` class="${kind}"` : ""}>${escaped(text)}</p>` };
}

export function bulleted(texts: readonly string[]): Html {
	return { html: `<ul>\n${texts.map((text) => `<li>${escaped(text)}</li>`).join("\n")}\n</ul>` };
}

/** Something that is opened to be seen. */
export function folded(
	summary: string,
	parts: readonly Html[],
	{ id, open = false }: { id?: string; open?: boolean } = {},
): Html {
	const head = `<details${open ? " open" : ""}><summary>${escaped(summary)}</summary>`;
	// Who is led to a place inside sees it opened.
	const place = `<div${id === undefined ? "" : ` id="${id}"`}>`;
	return { html: [head, place, ...parts.map(({ html }) => html), "</div>", "</details>"].join("\n") };
}

export function picture(drawn: Picture): Html {
	return wide(drawn.title, svgElement(drawn));
}

/** Pictures side by side where there is room. */
export function pictures(all: readonly Picture[]): Html[] {
	if (all.length === 0) return [];
	return [{ html: `<div class="plots">\n${all.map((one) => picture(one).html).join("\n")}\n</div>` }];
}

/** Columns with longer texts than that are folded. */
const LONG = 44;

/** A table; columns in which every cell is empty are left out. The first column that has a title names the rows. */
export function sheet(caption: string, { columns, rows, headings, wrong }: HtmlSheet): Html {
	const used = columns.flatMap((_, i) => (rows.some((row) => row[i]) ? [i] : []));
	const kinds = columns.map(({ align }, i) => {
		if (rows.some((row) => typeof row[i] === "string" && row[i].length > LONG)) return ' class="words"';
		return align === "left" ? ' class="left"' : "";
	});
	const tag = (name: string, i: number, content: string, more = "") =>
		`<${name}${more}${kinds[i]}>${content}</${name}>`;
	const titles = used.flatMap((i) => {
		const { title, span = 1 } = columns[i]!;
		const over = used.filter((j) => j <= i && j > i - span).length;
		// The title of several stands in the last.
		if (used.some((j) => j > i && i > j - (columns[j]!.span ?? 1))) return [];
		if (title === "") return [tag("td", i, "")];
		return [tag("th", i, escaped(title), `${over > 1 ? ` colspan="${over}"` : ""} scope="col"`)];
	});
	const body = rows.map((row, at) => {
		const cells = used.map((i, place) => {
			const cell = row[i] ?? "";
			const content = typeof cell === "string" ? escaped(cell) : cell.html;
			const isHead = content !== "" && (headings?.has(at) || place === 0);
			return isHead ? tag("th", i, content, ` scope="${place === 0 ? "row" : "col"}"`) : tag("td", i, content);
		});
		const kind = wrong?.has(at) ? ' class="wrong"' : headings?.has(at) ? ' class="heading"' : "";
		return `<tr${kind}>${cells.join("")}</tr>`;
	});
	const head = `<table>\n<caption>${escaped(caption)}</caption>\n<thead><tr>${titles.join("")}</tr></thead>`;
	return wide(caption, `${head}\n<tbody>\n${body.join("\n")}\n</tbody>\n</table>`);
}

/** What may be wider than the screen, which can be moved with keys, too. */
function wide(name: string, html: string): Html {
	return { html: `<div class="scroll" role="group" aria-label="${escaped(name)}" tabindex="0">\n${html}\n</div>` };
}
