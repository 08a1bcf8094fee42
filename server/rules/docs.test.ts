import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { test } from 'node:test'

// A page that names what is not there misleads whoever trusts it: the files and the names that it has in backticks or in drawings exist.

const files = globSync('**/*.{ts,tsx,js,sql,css,md,cjs}', {
  exclude: (name) => /^(node_modules|data|dist)$/.test(name),
})
const paths = new Set(files)
const names = new Set(files.map((file) => basename(file)))
const words = new Set(
  files
    .filter((file) => /\.(ts|tsx|js)$|schema\.sql$/.test(file))
    .flatMap((file) => readFileSync(file, 'utf8').match(/[A-Za-z_$][\w$]*/g) ?? []),
)
const pages = files.filter((file) =>
  /README\.md$|^(ARCHITECTURE|CONTRIBUTING)\.md$|^docs\/(connectors|operations)\.md$/.test(file),
)

const isPath = /^[\w./-]+\.(ts|tsx|sql|css|js)$/
/** Names of one small word are also words of a sentence. */
const isName = /^[a-z]+[a-z0-9]*[A-Z]\w*$/

/** What stands in backticks, and before the first colon of a box of a drawing. */
function namedIn(page: string): string[] {
  const text = readFileSync(page, 'utf8')
  const prose = text.replaceAll(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/`([^`\n]+)`/g), ...text.matchAll(/\["([^":]+): /g)].map(([, name = '']) => name)
}

/** Beside the page, in the whole project, or below `server`; a name without a folder may stand anywhere. */
const isThere = (page: string, path: string) =>
  path.includes('/')
    ? [dirname(page), dirname(dirname(page)), '', 'server', 'web/src'].some((from) =>
        paths.has(join(from, path)),
      )
    : names.has(path)

test('each file that a page names is there', () => {
  const lost = pages.flatMap((page) =>
    namedIn(page)
      .filter((name) => isPath.test(name) && !isThere(page, name))
      .map((name) => `${page}: ${name}`),
  )
  assert.deepEqual(lost, [])
  assert.ok(pages.length > 60, `${pages.length} pages`)
})

test('each function, type and column that a page names is in the code', () => {
  const lost = pages.flatMap((page) =>
    namedIn(page)
      .map((name) => name.replace(/\(.*\)$/, ''))
      .filter((name) => isName.test(name) && !words.has(name))
      .map((name) => `${page}: ${name}`),
  )
  assert.deepEqual(lost, [])
})
