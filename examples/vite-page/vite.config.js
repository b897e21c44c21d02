export default {
	// Relative: the built page works in any folder of any host.
	base: "./",
	worker: { format: "es" },
};
