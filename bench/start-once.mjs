// Loads the package, compiles the core, builds a machine and simulates one reference; prints the milliseconds of each. Imports
// nothing else, whose rubbish might be collected meanwhile. Node's own start is not counted.

const times = [performance.now()];
const then = () => times.push(performance.now());
const { loadSync, profile } = await import("../dist/index.js");
then();
const core = loadSync();
then();
const simulator = core.simulator(profile("compat-dinero-b2"));
then();
await simulator.runTrace(new TextEncoder().encode("2 400000\n"));
then();
console.log(JSON.stringify(times.slice(1).map((time, i) => time - times[i])));
