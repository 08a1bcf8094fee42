// Every process that the launcher starts loads this file first (`--import`). It finds modules with less work than Node does, which takes a
// third of the time of a start (docs/decisions/0034). Without it everything runs the same, only slower.
import { readFileSync } from 'node:fs'
import * as module from 'node:module'

/** The files of packed packages by import name (`pack-packages.js`). Empty: they are not packed. */
const packed = new Map(Object.entries(readPacked()))

// An older Node, such as that of npm, has no such hooks. It inherits the environment of the process that starts it.
module.registerHooks?.({
  resolve(specifier, context, next) {
    const url = packed.get(specifier) ?? relativeUrl(specifier, context)
    if (url === undefined) return next(specifier, context)
    return { url, format: url.endsWith('.ts') ? 'module-typescript' : undefined, shortCircuit: true }
  },
})

/** An import of a relative path with its extension names the file exactly, so there is nothing to look for. */
function relativeUrl(specifier, { parentURL, conditions }) {
  if (!/^\.\.?\/.*\.(ts|js|mjs)$/.test(specifier)) return undefined
  if (!parentURL?.startsWith('file:') || !conditions.includes('import')) return undefined
  return new URL(specifier, parentURL).href
}

function readPacked() {
  const folder = new URL('../node_modules/.cache/packed/', import.meta.url)
  try {
    const names = JSON.parse(readFileSync(new URL('names.json', folder), 'utf8'))
    return Object.fromEntries(Object.entries(names).map(([name, file]) => [name, new URL(file, folder).href]))
  } catch (error) {
    if (error.code === 'ENOENT') return {}
    throw error
  }
}
