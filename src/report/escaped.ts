/** As text of HTML and SVG, and as the value of an attribute. */
export function escaped(content: string): string {
	const named: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
	// biome-ignore lint/suspicious/noControlCharactersInRegex: XML has no way to write these
	return content.replace(/[\x00-\x08\x0b\x0c\x0e-\x1f]/g, "").replace(/[&<>"]/g, (sign) => named[sign]!);
}
