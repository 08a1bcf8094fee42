import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { TSchema } from 'typebox'
import { documentNames, webhookData } from './events-contract.ts'
import { waitsMs, webhookDocuments, webhookKinds } from './lifecycle.ts'

// The tables of docs/webhooks.md are printed from the declarations: SURFACE=write node --test server/webhooks/guide.test.ts

const path = new URL('../../docs/webhooks.md', import.meta.url)
const begin = '<!-- printed: SURFACE=write node --test server/webhooks/guide.test.ts -->\n'
const end = '<!-- end of what is printed -->'

test('docs/webhooks.md lists the events and fields that are declared', () => {
  const text = readFileSync(path, 'utf8')
  const [before = '', rest = ''] = text.split(begin)
  const after = rest.slice(rest.indexOf(end))
  const whole = before + begin + printed() + after
  if (process.env['SURFACE'] === 'write') writeFileSync(path, whole)
  else assert.equal(text, whole)
  const hours = waitsMs.reduce((sum, ms) => sum + ms, 0) / 3_600_000
  assert.equal(Math.round(hours / 24), 4, 'the guide says four days')
})

function printed(): string {
  return documentNames
    .map((document) => {
      const kinds = Object.entries(webhookKinds).filter(([kind]) => kind.startsWith(`${document}.`))
      const fields = Object.entries(webhookData[document].properties)
      return [
        `### ${webhookDocuments[document].en} (${webhookDocuments[document].zh})\n`,
        '| Event | When |\n|---|---|',
        ...kinds.map(([kind, { en }]) => `| \`${kind}\` | ${en} |`),
        '\n| Field of `data` | Type | |\n|---|---|---|',
        ...fields.map(([name, schema]) => `| \`${name}\` | ${typeOf(schema)} | ${noteOf(schema)} |`),
        '',
      ].join('\n')
    })
    .join('\n')
}

function typeOf(schema: TSchema): string {
  if ('anyOf' in schema && Array.isArray(schema.anyOf)) return schema.anyOf.map(typeOf).join(' or ')
  const { type, format, pattern }: { type?: unknown; format?: unknown; pattern?: unknown } = schema
  if (format === 'date-time') return 'time'
  return pattern === undefined ? String(type) : 'id'
}

function noteOf(schema: TSchema): string {
  if ('anyOf' in schema && Array.isArray(schema.anyOf))
    return schema.anyOf.map(noteOf).find((note) => note !== '') ?? ''
  return 'description' in schema ? String(schema.description) : ''
}
