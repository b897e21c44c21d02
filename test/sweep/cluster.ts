// Real Redis and Slurm on this machine's loopback, in a folder of their own, ended with the tests.

import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { availableParallelism, hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ensureRedis, ensureSlurm, programAt } from "../../scripts/debian.mjs";

function freePort(): Promise<number> {
	return new Promise((resolve) => {
		const server = createServer().listen(0, "127.0.0.1", () => {
			const { port } = server.address() as { port: number };
			server.close(() => resolve(port));
		});
	});
}

async function answers(port: number): Promise<void> {
	for (let attempt = 0; attempt < 200; attempt++) {
		const open = await new Promise<boolean>((resolve) => {
			const socket = createConnection({ port, host: "127.0.0.1" }, () => {
				socket.destroy();
				resolve(true);
			}).on("error", () => resolve(false));
		});
		if (open) return;
		await sleep(50);
	}
	throw new Error(`nobody answers on port ${port}`);
}

export interface RedisServer {
	url: string;
	/** Ends it as a crash does, and starts it again; `forgetting`: with nothing of what it had. */
	restart(forgetting: boolean): Promise<void>;
	stop(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer | { why: string }> {
	const why = ensureRedis();
	if (why) return { why };
	const folder = mkdtempSync(join(tmpdir(), "stalemate-redis-"));
	const port = await freePort();
	let server: ChildProcess;
	const start = async () => {
		const options = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "yes"];
		server = spawn(programAt("redis-server")!, [...options, "--appendfsync", "always", "--dir", folder], {
			stdio: "ignore",
		});
		await answers(port);
	};
	const end = () => {
		return new Promise<void>((resolve) => {
			server.once("close", () => resolve());
			server.kill("SIGKILL");
		});
	};
	await start();
	return {
		url: `redis://127.0.0.1:${port}`,
		async restart(forgetting) {
			await end();
			if (forgetting) rmSync(join(folder, "appendonlydir"), { recursive: true, force: true });
			await sleep(300);
			await start();
		},
		async stop() {
			await end();
			rmSync(folder, { recursive: true, force: true });
		},
	};
}

export interface Slurm {
	/** For everything that talks to it. */
	env: NodeJS.ProcessEnv;
	/** What sacct would know: the states of an array's tasks that are not done. */
	queue(job: string): string[];
	stop(): Promise<void>;
}

export async function startSlurm(): Promise<Slurm | { why: string }> {
	const why = ensureSlurm();
	if (why) return { why };
	const folder = mkdtempSync(join(tmpdir(), "stalemate-slurm-"));
	chmodSync(folder, 0o755);
	const [ctl, daemon] = [await freePort(), await freePort()];
	for (const name of ["state", "spool"]) mkdirSync(join(folder, name));
	const socket = join(folder, "munge.socket");
	const key = join(folder, "munge.key");
	writeFileSync(key, Buffer.alloc(1024, 7), { mode: 0o400 });
	const node = hostname().split(".")[0]!;
	const conf = join(folder, "slurm.conf");
	const cpus = availableParallelism();
	writeFileSync(
		conf,
		[
			"ClusterName=test",
			`SlurmctldHost=${node}(127.0.0.1)`,
			"SlurmUser=root",
			"SlurmdUser=root",
			"AuthType=auth/munge",
			`AuthInfo=socket=${socket}`,
			"CredType=cred/munge",
			`SlurmctldPort=${ctl}`,
			`SlurmdPort=${daemon}`,
			`StateSaveLocation=${join(folder, "state")}`,
			`SlurmdSpoolDir=${join(folder, "spool")}`,
			`SlurmctldPidFile=${join(folder, "slurmctld.pid")}`,
			`SlurmdPidFile=${join(folder, "slurmd.pid")}`,
			"ProctrackType=proctrack/linuxproc",
			"TaskPlugin=task/none",
			"MpiDefault=none",
			"ReturnToService=2",
			"SelectType=select/cons_tres",
			"SelectTypeParameters=CR_CPU",
			"SchedulerParameters=sched_interval=1,batch_sched_delay=0,sched_min_interval=0,requeue_delay=0",
			"JobRequeue=1",
			"KillWait=1",
			`NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cpus} State=UNKNOWN`,
			`PartitionName=all Nodes=${node} Default=YES MaxTime=INFINITE State=UP`,
			"",
		].join("\n"),
	);
	const env = { ...process.env, SLURM_CONF: conf };
	const log = (name: string) => join(folder, `${name}.log`);
	chownSync(key, 0, 0);
	const children = [
		spawn(
			programAt("munged")!,
			["--foreground", "--force", "-S", socket, "--key-file", key, "--pid-file", join(folder, "munge.pid")].concat([
				"--log-file",
				log("munged"),
				"--seed-file",
				join(folder, "munge.seed"),
			]),
			{ stdio: "ignore" },
		),
	];
	const stop = async () => {
		spawnSync(programAt("scontrol")!, ["shutdown"], { env, timeout: 5000 });
		for (const child of children) child.kill("SIGKILL");
		await sleep(200);
		rmSync(folder, { recursive: true, force: true });
	};
	for (let i = 0; i < 100 && !existsSync(socket); i++) await sleep(50);
	children.push(spawn(programAt("slurmctld")!, ["-D", "-L", log("slurmctld")], { env, stdio: "ignore" }));
	children.push(spawn(programAt("slurmd")!, ["-D", "-N", node, "-L", log("slurmd")], { env, stdio: "ignore" }));
	for (let i = 0; ; i++) {
		const state = spawnSync(programAt("sinfo")!, ["-h", "-o", "%T"], { env, encoding: "utf8", timeout: 10_000 }).stdout;
		if (/idle/.test(state ?? "")) break;
		if (i > 100) {
			const tails = ["munged", "slurmctld", "slurmd"].map((name) => {
				return spawnSync("tail", ["-n", "3", log(name)], { encoding: "utf8" }).stdout;
			});
			await stop();
			return { why: `Slurm does not start here: ${tails.join(" | ").trim()}` };
		}
		await sleep(100);
	}
	return {
		env,
		queue: (job) => {
			const text = execFileSync(programAt("squeue")!, ["-h", "-r", "-j", job, "-o", "%K %T"], {
				env,
				encoding: "utf8",
				stdio: ["ignore", "pipe", "ignore"],
			});
			return text.trim() === "" ? [] : text.trim().split("\n");
		},
		stop,
	};
}
