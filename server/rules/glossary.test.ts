import assert from 'node:assert/strict'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'

// docs/glossary.md lists under "Banned" the words that meant two things, each with the hits that are left. A number only goes down;
// `GLOSSARY=write` writes today's.

const page = 'docs/glossary.md'
const banned = /^- `(?<pattern>.+)` (?<allowed>\d+)\. (?<instead>.+)$/
const comment = /^\s*(\/\/|\/\*|\*)/
const quoted = /'(?:[^'\\\n]|\\.)*'/g

const sources = globSync('{server,web/src,sandbox}/**/*.{ts,tsx}').filter(
  (file) => !/\.test\.|\/fixtures\/|^server\/core\/db\/rows\.ts$|^web\/src\/requests\.ts$/.test(file),
)
const lines = sources.flatMap((file) => readFileSync(file, 'utf8').split('\n'))
const scopes: Record<string, string[]> = {
  '### In comments': lines.filter((line) => comment.test(line)),
  '### In identifiers': lines
    .filter((line) => !comment.test(line))
    .map((line) => line.replaceAll(quoted, "''")),
}

function hitsOf(pattern: string, among: readonly string[]): number {
  const expression = new RegExp(pattern, 'g')
  return among.reduce((sum, line) => sum + [...line.matchAll(expression)].length, 0)
}

test('a banned word is used no more often than the glossary still allows', () => {
  let among: string[] = []
  const exceeded: string[] = []
  const counted = readFileSync(page, 'utf8')
    .split('\n')
    .map((line) => {
      among = line.startsWith('#') ? (scopes[line] ?? []) : among
      const { pattern, allowed, instead } = banned.exec(line)?.groups ?? {}
      if (!pattern || among.length === 0) return line
      const hits = hitsOf(pattern, among)
      if (hits > Number(allowed)) exceeded.push(`${pattern}: ${hits}, allowed ${allowed}. Write: ${instead}`)
      return `- \`${pattern}\` ${hits}. ${instead}`
    })
  if (process.env['GLOSSARY'] === 'write') writeFileSync(page, counted.join('\n'))
  else assert.deepEqual(exceeded, [])
  assert.equal(counted.filter((line) => banned.test(line)).length > 50, true)
})

test('an action that a person ends by hand has one word: 手工完成', () => {
  const others = /转手工|转人工|手工回写|平台手工完成|'Take over'|Taken over'|take it over by hand/
  const found = lines.filter((line) => others.test(line) && !/采用|接手/.test(line))
  assert.deepEqual(found, [])
})
