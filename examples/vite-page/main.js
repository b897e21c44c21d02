// The page: asks a worker, and shows what it says.

const worker = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
const output = document.querySelector("pre");

worker.onmessage = ({ data }) => {
	output.textContent = data;
};

document.querySelector("button").onclick = () => worker.postMessage("matrix");
document.querySelector("input").onchange = ({ target }) => {
	output.textContent = "…";
	worker.postMessage(target.files[0]);
};
