// Builds the widget into bot/web: `node build.mjs`. With --check it builds in memory and fails when what is committed differs, or
// when the files have grown beyond their budget.
import { build } from "esbuild";
import { readFile, writeFile } from "node:fs/promises";
import { gzipSync } from "node:zlib";

const OUT = new URL("../bot/web/", import.meta.url);
const LOADER_BYTES = 4 * 1024;
const ALL_BYTES = 35 * 1024;
const FILES = { "widget.js": ["src/loader.ts", "iife"], "widget-chat.js": ["src/panel.ts", "esm"] };
const check = process.argv.includes("--check");

async function built([entry, format]) {
  const result = await build({
    entryPoints: [entry],
    format,
    bundle: true,
    minify: true,
    write: false,
    charset: "utf8",
    target: "es2021",
    legalComments: "none",
    define: { "process.env.NODE_ENV": '"production"' },
  });
  return Buffer.from(result.outputFiles[0].contents);
}

const sizes = {};
const stale = [];
for (const [name, source] of Object.entries(FILES)) {
  const made = await built(source);
  sizes[name] = gzipSync(made, { level: 9 }).length;
  const committed = await readFile(new URL(name, OUT)).catch(() => Buffer.alloc(0));
  if (check && !made.equals(committed)) stale.push(name);
  if (!check) await writeFile(new URL(name, OUT), made);
}
const all = Object.values(sizes).reduce((sum, size) => sum + size, 0);
console.log(`gzip: loader ${sizes["widget.js"]} bytes (at most ${LOADER_BYTES}), all ${all} (at most ${ALL_BYTES})`);
if (stale.length) console.error(`not what the source builds: ${stale.join(", ")}; run npm run build`);
if (sizes["widget.js"] > LOADER_BYTES || all > ALL_BYTES) console.error("over budget");
process.exitCode = stale.length || sizes["widget.js"] > LOADER_BYTES || all > ALL_BYTES ? 1 : 0;
