// The two statements of layout.ts. scripts/check-layout.mjs puts comparisons in their place before asc sees them, because
// offsetof takes nothing but a literal, and an error should show the line of the field it is about.

/** The class `S` takes `size` bytes, the padding after its last field included. */
export function record<S>(size: usize): void {
	ERROR("compile this file with scripts/check-layout.mjs");
}

/** JavaScript finds the field `name` of `S` at `offset`, and reads a `T` there. */
export function field<S, T>(name: string, offset: usize): void {
	ERROR("compile this file with scripts/check-layout.mjs");
}
