// PouchDB replicating to a pouchdb-server in a process of its own, as `python -m bench.sync` and `bench.storm`
// ask for it: `node peer.js push|pull|storm|live ...`. One line of JSON: seconds, or milliseconds of each change.
"use strict";

const { spawn } = require("node:child_process");
const crypto = require("node:crypto");
const fs = require("node:fs");
const path = require("node:path");
const { performance } = require("node:perf_hooks");
const PouchDB = require("pouchdb");

const [what, folder, ...numbers] = process.argv.slice(2);
const [docs, batch, clients] = numbers.map(Number);
const PORT = 20000 + Math.floor(Math.random() * 20000);
const URL = `http://127.0.0.1:${PORT}/unit`;
const BATCHES = 10;

async function main() {
  const server = await serve();
  try {
    console.log(JSON.stringify(await { push, pull, storm, live }[what]()));
  } finally {
    server.kill();
  }
}

async function serve() {
  const data = path.join(folder, "server");
  fs.mkdirSync(data, { recursive: true });
  const bin = require.resolve("pouchdb-server/bin/pouchdb-server");
  const given = ["--port", PORT, "--dir", data, "--host", "127.0.0.1", "--no-stdout-logs", "--config", path.join(data, "c")];
  const server = spawn(process.execPath, [bin, ...given], { stdio: "ignore", cwd: data });
  for (let tried = 0; tried < 200; tried++) {
    try {
      if ((await fetch(`http://127.0.0.1:${PORT}/`)).ok) return server;
    } catch {
      await new Promise((then) => setTimeout(then, 50));
    }
  }
  server.kill();
  throw new Error("pouchdb-server did not answer");
}

function phone(name) {
  return new PouchDB(path.join(folder, name));
}

function some(count) {
  return Array.from({ length: count }, () => ({
    _id: crypto.randomUUID(),
    unit: "granen",
    body: crypto.randomBytes(550).toString("hex"),
  }));
}

async function filled(name, count) {
  const db = phone(name);
  for (let at = 0; at < count; at += 1000) await db.bulkDocs(some(Math.min(1000, count - at)));
  return db;
}

async function timed(act) {
  const begun = performance.now();
  await act();
  return { seconds: (performance.now() - begun) / 1000 };
}

function options() {
  return { batch_size: batch, batches_limit: BATCHES };
}

async function push() {
  const db = await filled("from", docs);
  return timed(() => db.replicate.to(URL, options()));
}

async function pull() {
  const db = await filled("from", docs);
  await db.replicate.to(URL, { batch_size: 1000 });
  return timed(() => phone("to").replicate.from(URL, options()));
}

async function storm() {
  const phones = await Promise.all(Array.from({ length: clients }, (_, n) => filled(`phone-${n}`, docs)));
  return timed(() => Promise.all(phones.map((db) => db.replicate.to(URL, options()))));
}

// One put on a phone until it is a change on another, both replicating live.
async function live() {
  const [from, to] = [phone("from"), phone("to")];
  const going = [from.replicate.to(URL, { live: true }), to.replicate.from(URL, { live: true })];
  const arrived = new Map();
  const changes = to.changes({ live: true, since: "now" }).on("change", (one) => arrived.get(one.id)?.());
  const took = [];
  for (let n = 0; n < docs; n++) {
    const [doc] = some(1);
    const begun = performance.now();
    const there = new Promise((then) => arrived.set(doc._id, then));
    await from.put(doc);
    await there;
    if (n >= 5) took.push(performance.now() - begun);
    await new Promise((then) => setTimeout(then, 20));
  }
  [...going, changes].forEach((one) => one.cancel());
  return { ms: took };
}

main().then(() => process.exit(0), (error) => { console.error(error); process.exit(1); });
