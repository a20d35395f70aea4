// Makes the one file that the server serves, and the licences of what it holds.
// The same sources and the same lock file give the same bytes: a test builds it again and compares.
import { build } from "esbuild"
import { readFileSync, readdirSync, existsSync, writeFileSync } from "node:fs"

const out = process.argv[2] ?? "../server/web/look/editor"
const made = await build({
  entryPoints: ["src/editor.js"], bundle: true, format: "esm", minify: true, target: "es2022",
  charset: "utf8", legalComments: "none", metafile: true, outfile: `${out}/editor.js`,
})

const packages = new Set()
for (const path of Object.keys(made.metafile.inputs)) {
  const found = path.match(/node_modules\/((?:@[^/]+\/)?[^/]+)\//)
  if (found) packages.add(found[1])
}
const texts = [...packages].sort().map(name => {
  const folder = `node_modules/${name}`
  const { version, license } = JSON.parse(readFileSync(`${folder}/package.json`, "utf8"))
  const file = readdirSync(folder).find(one => /^licen[cs]e/i.test(one))
  const text = file && existsSync(`${folder}/${file}`) ? readFileSync(`${folder}/${file}`, "utf8") : license
  return `${name} ${version}\n\n${text.trim()}\n`
})
writeFileSync(`${out}/LICENSES-editor`, texts.join("\n" + "-".repeat(80) + "\n\n"))
