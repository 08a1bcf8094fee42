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
/** A state, column or table of a drawing. */
const isSnake = /^[a-z0-9]+(_[a-z0-9]+)+$/

/** What stands in backticks, and before the first colon of a box of a drawing. */
function namedIn(page: string): string[] {
  const text = readFileSync(page, 'utf8')
  const prose = text.replaceAll(/```[\s\S]*?```/g, '')
  return [...prose.matchAll(/`([^`\n]+)`/g), ...text.matchAll(/\["([^":]+): /g)].map(([, name = '']) => name)
}

/** All words of the drawings of a page: its boxes, states, and the names at its arrows. Node ids of one small word are no names. */
function drawnIn(page: string): string[] {
  const drawings = [...readFileSync(page, 'utf8').matchAll(/```mermaid\n.*\n([\s\S]*?)```/g)]
  return drawings.flatMap(([, drawing = '']) => drawing.match(/[A-Za-z_$][\w$./-]*\w/g) ?? [])
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
    [...namedIn(page), ...drawnIn(page)]
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

test('each function, state and column that a drawing has at its arrows and in its boxes is in the code', () => {
  const lost = pages.flatMap((page) =>
    drawnIn(page)
      .filter((name) => (isName.test(name) || isSnake.test(name)) && !words.has(name))
      .map((name) => `${page}: ${name}`),
  )
  assert.deepEqual(lost, [])
  const drawn = pages.flatMap(drawnIn)
  for (const name of ['moveQueue', 'upsertListed', 'two_stage', 'on_sale', 'revive', 'streams.ts'])
    assert.ok(
      drawn.some((each) => each.endsWith(name)),
      name,
    )
})
