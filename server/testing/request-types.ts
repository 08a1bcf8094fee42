import { isDeepStrictEqual } from 'node:util'
import type { RouteEntry } from '../core/http/http.ts'
import { outcomes } from '../core/lists/list-contract.ts'

const head = `// What each request of the pages takes and answers. Generated from the schemas of the routes:
// SURFACE=write node --test server/rules/request-types.test.ts
import type { Outcome } from '../../server/core/lists/list-contract.ts'

export type Requests = {
`

/** Returns the TypeScript text of `web/src/requests.ts`, with one line for each route. */
export function requestTypes(routes: readonly RouteEntry[]): string {
  const lines = routes.map(({ method, url, schema }) => {
    const parts = [
      part('query', schema?.querystring),
      part('body', schema?.body),
      part('response', answerOf(schema)),
    ]
    const known = parts.filter(Boolean).join('; ')
    return `  '${method} ${url.slice('/api'.length)}': {${known && ` ${known} `}}\n`
  })
  return `${head}${lines.sort().join('')}}\n`
}

const part = (name: string, schema: unknown) => (schema === undefined ? '' : `${name}: ${typeOf(schema)}`)

/** Returns the schema of the answer after a success; undefined if the answer has no body. */
function answerOf(schema: RouteEntry['schema']): unknown {
  const done = Object.entries(Object(schema?.response)).find(([status]) => /^2/.test(status))?.[1]
  return Object(done).type === 'null' ? undefined : done
}

/** Returns the type of a JSON schema. It supports what TypeBox writes for our contracts. */
function typeOf(schema: unknown): string {
  // The schema of outcomes is wider than its type: `done` decides which fields an outcome has.
  if (isDeepStrictEqual(schema, outcomes)) return '{ results: Outcome[] }'
  const { type, const: constant, enum: values, anyOf, allOf, items, patternProperties } = Object(schema)
  if (constant !== undefined) return literal(constant)
  if (values) return values.map(literal).join(' | ')
  if (anyOf) return [...new Set(anyOf.map(typeOf))].join(' | ')
  if (allOf) return allOf.map((one: unknown) => `(${typeOf(one)})`).join(' & ')
  if (Array.isArray(type)) return type.map((one) => typeOf({ ...Object(schema), type: one })).join(' | ')
  if (items) return arrayOf(typeOf(items))
  if (patternProperties)
    return `{ [key: string]: ${Object.values(patternProperties).map(typeOf).join(' | ')} }`
  return type === 'object' ? objectType(Object(schema)) : (plainTypes[type] ?? 'unknown')
}

const plainTypes: Record<string, string> = {
  ...{ string: 'string', number: 'number', integer: 'number', boolean: 'boolean', null: 'null' },
}

const arrayOf = (each: string) =>
  /^[{\w].*[}\w]$/.test(each) && !each.includes(' | ') ? `${each}[]` : `(${each})[]`

function objectType({
  properties = {},
  required = [],
}: {
  properties?: object
  required?: string[]
}): string {
  const fields = Object.entries(properties).map(
    ([name, one]) => `${named(name)}${required.includes(name) ? '' : '?'}: ${typeOf(one)}`,
  )
  return fields.length === 0 ? 'Record<string, never>' : `{ ${fields.join('; ')} }`
}

const named = (name: string) => (/^\w+$/.test(name) ? name : literal(name))
const literal = (value: unknown) =>
  typeof value === 'string' ? `'${value.replaceAll("'", "\\'")}'` : JSON.stringify(value)
