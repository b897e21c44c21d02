// stalemate/sample.packed.gz: what a bundler makes of a file, its address or its bytes, is for the bundler to say.

declare const file: unknown;
export default file;
