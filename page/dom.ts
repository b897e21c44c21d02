// What the page is made of: plain elements.

export type Child = Node | string | number | null | undefined | false | readonly Child[];

type Props = Record<string, unknown>;

/**
 * An element. `on…` properties are listeners, `vars` custom properties of CSS, booleans attributes that are there or not; what
 * is undefined is left out.
 */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	props: Props | null = null,
	...children: Child[]
): HTMLElementTagNameMap[K] {
	const element = document.createElement(tag);
	assign(element, props);
	append(element, children);
	return element;
}

/** The same of SVG. */
export function s<K extends keyof SVGElementTagNameMap>(
	tag: K,
	props: Props | null = null,
	...children: Child[]
): SVGElementTagNameMap[K] {
	const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
	assign(element, props);
	append(element, children);
	return element;
}

function assign(element: HTMLElement | SVGElement, props: Props | null): void {
	for (const [name, value] of Object.entries(props ?? {})) {
		if (value === undefined || value === false || value === null) continue;
		if (name.startsWith("on")) element.addEventListener(name.slice(2), value as EventListener);
		else if (name === "vars") {
			for (const [variable, text] of Object.entries(value as Record<string, string | number>))
				element.style.setProperty(variable, String(text));
		} else element.setAttribute(name, value === true ? "" : String(value));
	}
}

function append(element: Element, children: readonly Child[]): void {
	for (const child of children) {
		if (child === null || child === undefined || child === false) continue;
		if (Array.isArray(child)) append(element, child);
		else element.append(child instanceof Node ? child : String(child));
	}
}

/** Other children instead of those that are there. */
export function fill(element: Element, ...children: Child[]): void {
	element.replaceChildren();
	append(element, children);
}

/** Puts a text on the clipboard; where that is not allowed, a file is offered instead. */
export async function copyText(text: string, name: string): Promise<"copied" | "saved"> {
	try {
		await navigator.clipboard.writeText(text);
		return "copied";
	} catch {
		saveText(text, name, "text/plain");
		return "saved";
	}
}

/** Copies what is asked for when it is pressed, and says so for a moment. */
export function copyButton(label: string, make: () => string): HTMLElement {
	const button = h("button", { type: "button" }, label);
	button.addEventListener("click", async () => {
		const how = await copyText(make(), "stalemate.txt");
		button.textContent = how;
		setTimeout(() => {
			button.textContent = label;
		}, 1500);
	});
	return button;
}

export function saveText(text: string, name: string, type: string): void {
	const url = URL.createObjectURL(new Blob([text], { type }));
	h("a", { href: url, download: name }).click();
	setTimeout(() => URL.revokeObjectURL(url), 1000);
}
