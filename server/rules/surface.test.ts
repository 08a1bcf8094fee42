import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { FastifySchema } from 'fastify'
import { sql } from 'kysely'
import { root, testFiles } from '../../scripts/steps.ts'
import { alarmKinds } from '../alarms/contract.ts'
import { lists } from '../app.ts'
import { errorTable } from '../errors.ts'
import { exportLists } from '../exports/export-lists.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { testApp } from '../testing/app.ts'
import { assertSurface, sourceFiles } from '../testing/surface.ts'
import { permissionTable } from '../users/permissions.ts'
import { actionHandlers, batchActions, jobs, taskKinds, verbs } from '../worker.ts'

// What users, programs and colleagues rely on, written down: whatever moves or is renamed, it stays, or the commit shows that it does not.

const ring = memoryKeyRing()

test('every route, its permission, and each field that goes in and comes out', async () => {
  await using house = await testApp()
  const routes = house.app.routeList.filter(({ method, url }) => url.startsWith('/api/') && method !== 'HEAD')
  const lines = routes
    .sort((one, other) => (`${one.url} ${one.method}` < `${other.url} ${other.method}` ? -1 : 1))
    .flatMap(({ method, url, permission, schema, secret }) => {
      const head = `${method} ${url}  ${String(permission)}${secret ? '  secret' : ''}`
      return [head, ...fieldsOfRoute(schema).map((field) => `${method} ${url}  ${field}`)]
    })
  assertSurface('routes', lines)
})

test('every permission and what each role has of them', async () => {
  await using house = await testApp()
  const roles = await sql<{ name: string; permissions: string[] }>`
    select name, permissions from role order by name`.execute(house.db)
  assertSurface('permissions', [
    ...Object.entries(permissionTable).map(([name, [area, zh, en]]) => `${name}  ${area}  ${zh}  ${en}`),
    ...roles.rows.flatMap(({ name, permissions }) => permissions.toSorted().map((one) => `${name}: ${one}`)),
  ])
})

test('every error with its status, and every code that a verb refuses a row with', () => {
  const errors = Object.entries(errorTable).map(
    ([code, [status, zh, en]]) => `${code}  ${status}  ${zh}  ${en}`,
  )
  assertSurface('errors', errors.toSorted())
  const codes = new Set(
    sourceFiles('server').flatMap(({ text }) =>
      [...text.matchAll(/\bcode: '([a-z_]+)'/g)].map(([, code]) => code ?? ''),
    ),
  )
  // In tables of guards the code is the key.
  const guards = sourceFiles('server').flatMap(({ text }) =>
    [...text.matchAll(/\b([a-z_]+): \{\s*(?:holds|when|is):/g)].map(([, code]) => code ?? ''),
  )
  assertSurface('codes', [...new Set([...codes, ...guards])].sort())
})

test('every word of the audit log', () => {
  const words = sourceFiles('web/src/users').find(({ path }) => path.endsWith('audit-words.ts'))?.text ?? ''
  const ofPages = words.match(/^ {2}'?[a-z_.]+'?: \[.*\],$/gm) ?? []
  const ofVerbs = verbs(ring).flatMap(({ declared: { audit = {} } }) =>
    Object.entries(audit).map(([word, [zh, en]]) => `'${word}': [${quoted(zh)}, ${quoted(en)}],`),
  )
  const lines = [...ofPages.map((line) => line.trim()), ...ofVerbs]
  assert.ok(lines.length > 50, `${lines.length} words`)
  assertSurface('audit', lines.sort())
})

test('every bulk action, task, job, write-back, alarm and sheet', () => {
  const kinds = taskKinds(ring)
  assertSurface('work', [
    ...batchActions(ring)
      .map(({ action, permission, name }) => `bulk ${action}  ${permission}  ${name.zh}  ${name.en}`)
      .sort(),
    ...kinds.map(({ kind }) => `task ${kind}`).sort(),
    ...jobs.map(({ name }) => `job ${name}`).sort(),
    ...actionHandlers.map(({ kind, name }) => `write-back ${kind}  ${name.zh}  ${name.en}`).sort(),
    ...alarmKinds.map((kind) => `alarm ${kind}`),
    ...exportLists(lists(ring)).flatMap(({ name, permission, columns }) => [
      `sheet ${name}  ${permission}`,
      ...[...columns('zh'), ...columns('en')].map(({ title }) => `sheet ${name}: ${title}`),
    ]),
  ])
})

test('the name of every test', () => {
  const names = testFiles('server', 'sandbox', 'web/src', 'bench', 'scripts', 'e2e').flatMap((file) =>
    namesIn(readFileSync(join(root, file), 'utf8')),
  )
  assert.ok(names.length > 1000, `${names.length} names`)
  assertSurface('tests', names.sort())
})

const quoted = (text: string) => (text.includes("'") ? `"${text}"` : `'${text}'`)

function fieldsOfRoute(schema: FastifySchema | undefined): string[] {
  return [
    ...fieldsOf('?', schema?.querystring),
    ...fieldsOf('body', schema?.body),
    ...Object.entries(Object(schema?.response)).flatMap(([status, one]) =>
      /^2/.test(status) ? fieldsOf(status, one) : [],
    ),
  ]
}

/** A line for each value that a schema describes: its path, its type, and `*` where it must be given. */
function fieldsOf(path: string, schema: unknown): string[] {
  const {
    type,
    properties,
    required = [],
    items,
    anyOf,
    allOf,
    patternProperties,
    enum: values,
  } = Object(schema)
  const branches: unknown[] = anyOf ?? allOf ?? []
  if (properties)
    return Object.entries(properties).flatMap(([name, one]) =>
      fieldsOf(`${path}.${name}${required.includes(name) ? '*' : ''}`, one),
    )
  if (items) return fieldsOf(`${path}[]`, items)
  if (patternProperties) return Object.values(patternProperties).flatMap((one) => fieldsOf(`${path}{}`, one))
  if (branches.length > 0 && branches.every((one) => 'const' in Object(one)))
    return [`${path}: ${branches.map((one) => String(Object(one).const)).join('|')}`]
  if (branches.length > 0) return [...new Set(branches.flatMap((one) => fieldsOf(path, one)))]
  return schema === undefined
    ? []
    : [`${path}: ${values?.join('|') ?? type ?? Object(schema).const ?? 'any'}`]
}

/** What `test` and `describe` are called with: the name as it is written, with the holes of a template. */
const namesIn = (text: string) =>
  [...text.matchAll(/\b(?:test|describe|it)\(\s*('(?:[^'\\]|\\.)*'|"[^"]*"|`[^`]*`)/g)].map(([, name = '']) =>
    name.slice(1, -1),
  )
