import assert from 'node:assert/strict'
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const built = fileURLToPath(new URL('../web/dist', import.meta.url))
type Chunk = { file: string; src?: string; isEntry?: boolean; imports?: string[] }
const manifest: Record<string, Chunk> = JSON.parse(readFileSync(join(built, '.vite/manifest.json'), 'utf8'))

/** Returns the files that a browser loads before it can draw this part: its own, and all static imports. */
function filesOf(name: string, found = new Set<string>()): Set<string> {
  const chunk = manifest[name]
  if (!chunk || found.has(chunk.file)) return found
  found.add(chunk.file)
  for (const each of chunk.imports ?? []) filesOf(each, found)
  return found
}

const bytesOf = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + statSync(join(built, `${file}.gz`)).size, 0)

test('the first load of every page is at most 200 KB of compressed script', (context) => {
  const [entry] = Object.keys(manifest).filter((name) => manifest[name]?.isEntry)
  const routes = readFileSync(fileURLToPath(new URL('../web/src/routes.tsx', import.meta.url)), 'utf8')
  const pages = [...routes.matchAll(/import\('\.\/([^']+)'\)/g)].map(([, path]) => `src/${path}`)
  assert.ok(entry && pages.length > 30)
  assert.deepEqual(
    pages.filter((page) => !manifest[page]),
    [],
  )
  const loads = pages.map((page) => ({ page, bytes: bytesOf(filesOf(page, filesOf(entry))) }))
  const heaviest = loads.reduce((most, each) => (each.bytes > most.bytes ? each : most))
  context.diagnostic(`${heaviest.page}: ${heaviest.bytes} bytes`)
  assert.deepEqual(
    loads.filter(({ bytes }) => bytes > 200_000),
    [],
  )
})
