// Packs packages of hundreds of small modules into a few files, which load several times faster. The launcher runs it after an
// installation; `quick-modules.js` uses the result.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url))
const packages = ['typebox', 'kysely']

// All entries of a package are packed at once: a second copy beside the packed one would have its own registries.
const names = packages.flatMap((name) => {
  const { exports } = JSON.parse(readFileSync(join(modules, name, 'package.json'), 'utf8'))
  return Object.keys(exports).map((path) => name + path.slice(1))
})
const fileOf = (name) => `${name.replaceAll('/', '_')}.js`

const folder = join(modules, '.cache', 'packed')
const fresh = `${folder}-${process.pid}`
const bundle = await rolldown({
  input: Object.fromEntries(names.map((name) => [name.replaceAll('/', '_'), name])),
  platform: 'node',
})
await bundle.write({ dir: fresh, format: 'esm' })
writeFileSync(
  join(fresh, 'names.json'),
  JSON.stringify(Object.fromEntries(names.map((name) => [name, fileOf(name)]))),
)
// The folder appears whole, because other processes may start meanwhile.
mkdirSync(join(modules, '.cache'), { recursive: true })
rmSync(folder, { recursive: true, force: true })
renameSync(fresh, folder)
