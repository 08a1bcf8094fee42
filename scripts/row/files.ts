// `node scripts/row/files.ts FILE…` runs test files in this process, each when the one before it has ended and has closed what it opened. A file is a
// test here, and its tests are parts of it, so that its hooks are its own.
import { resolve } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { row } from './end.ts'

/** The limit of a file, and of each of its tests. */
const longestMs = 600_000

// A test may wait for a timer that does not keep its process alive.
const alive = setInterval(() => {}, 60_000)
await row(async () => {
  for (const file of process.argv.slice(2)) {
    await test(file, { timeout: longestMs }, async () => {
      await import(pathToFileURL(resolve(file)).href)
    })
  }
})
clearInterval(alive)
