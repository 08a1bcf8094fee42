// npm run new-connector -- NAME [中文名] [English name]: creates the folder of a marketplace's connector, its line in the registry, and its
// conformance test, which lists what is still to be written. docs/connectors.md describes the next steps.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './steps.ts'

const connectors = join(root, 'server/connectors')
const registry = join(connectors, 'index.ts')

const [name = '', zh = name, en = zh] = process.argv.slice(2)
if (!/^[a-z][a-z0-9]{1,19}$/.test(name))
  fail('npm run new-connector -- NAME: 2 to 20 small letters and digits')
if (existsSync(join(connectors, name))) fail(`server/connectors/${name} is there already`)

copyTemplate()
addToRegistry()
tidy()
console.log(`server/connectors/${name}, and its line in server/connectors/index.ts
What is still to be written: node --test server/connectors/${name}/conformance.test.ts
The way from here: docs/connectors.md`)

function copyTemplate(): void {
  const template = join(connectors, '_template')
  mkdirSync(join(connectors, name))
  for (const file of readdirSync(template)) {
    const text = readFileSync(join(template, file), 'utf8')
    const own = text.replaceAll('template', name).replaceAll('新平台', zh).replaceAll('New platform', en)
    // In the template the file has no name of a test, because the test would fail there.
    writeFileSync(join(connectors, name, file.replace('-test.ts', '.test.ts')), own)
  }
}

function addToRegistry(): void {
  const text = readFileSync(registry, 'utf8')
  const own = text
    .replace(/\n\n/, `\nimport { ${name} } from './${name}/index.ts'\n\n`)
    // A list of several lines ends with a comma.
    .replace(/(export const connectors: .* = \[[^\]]*?),?\s*\]/, `$1, ${name}]`)
  writeFileSync(registry, own)
}

/** Formats the new files and sorts the imports, which depend on the name. */
function tidy(): void {
  const biome = join(root, 'node_modules/@biomejs/biome/bin/biome')
  const paths = [join(connectors, name), registry]
  const { status, stderr } = spawnSync(process.execPath, [biome, 'check', '--write', ...paths], {
    cwd: root,
    encoding: 'utf8',
  })
  if (status !== 0) fail(stderr)
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
