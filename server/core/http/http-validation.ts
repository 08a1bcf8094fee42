import { setImmediate } from 'node:timers/promises'
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyRequest, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { AppError } from '../../errors.ts'
import { isDay, isInstant } from '../../lib/formats.ts'
import { searchHeaders } from './search-contract.ts'

const strictness = { strict: false, removeAdditional: false, useDefaults: true } as const

/** Compiles schemas on their first use: compiling all of them at the start would take longer than the rest of the start. */
export type LazySchemas = {
  validatorCompiler: FastifySchemaCompiler<unknown>
  serializerFactory: SerializerFactory
  /** Compiles the remaining schemas, one in each turn of the event loop, so that no later request has to wait for one. */
  compileAll(): Promise<void>
}

/**
 * Makes Fastify's compilers of schemas. Query and path contain only text, so they are converted to the types of their schema. A body must
 * have the right types: there "1" is not 1, and null is not "". A property that the schema does not name is refused, never ignored.
 */
export function lazySchemas(): LazySchemas {
  const converting = withFormats(new Ajv({ ...strictness, coerceTypes: true }))
  const exact = withFormats(new Ajv({ ...strictness, coerceTypes: false }))
  const waiting: (() => unknown)[] = []
  const later = <Compiled>(compile: () => Compiled): (() => Compiled) => {
    let compiled: Compiled | undefined
    const get = () => {
      compiled ??= compile()
      return compiled
    }
    waiting.push(get)
    return get
  }
  return {
    validatorCompiler({ schema, httpPart }) {
      const ajv = httpPart === 'body' ? exact : converting
      // Every request has headers that no schema names, so they are not refused.
      const validator = later(() => ajv.compile(httpPart === 'headers' ? asSchema(schema) : closed(schema)))
      return (input: unknown) => {
        const validate = validator()
        return validate(input) ? true : { error: validate.errors ?? [] }
      }
    },
    serializerFactory(schemas, options) {
      const compile = SerializerSelector()(schemas, options)
      return (route) => {
        const serializer = later(() => compile(route))
        return (answer: unknown) => serializer()(answer)
      }
    },
    async compileAll() {
      for (const compile of waiting.splice(0)) {
        compile()
        await setImmediate()
      }
    },
  }
}

/**
 * Takes the search text from the header `X-Search` as the query's `q`, a buyer from `X-Buyer` as `buyer`, and validates them like these. Users often search for a buyer's name or
 * phone number, and URLs are stored by browsers, proxies and their logs; therefore a page sends the text in a header.
 */
export async function takeSearch(request: FastifyRequest): Promise<void> {
  if (request.method !== 'GET') return
  for (const [key, header] of Object.entries(searchHeaders)) {
    const sent = request.headers[header]
    const query = asSchema(request.query)
    if (typeof sent !== 'string' || key in query) continue
    const text = decoded(sent)
    // PostgreSQL stores no U+0000 in text, so it is refused here as in the query.
    if (text === undefined || text.includes('\0')) {
      const name = header.replaceAll(/\b[a-z]/g, (letter) => letter.toUpperCase())
      throw new AppError('invalid_input', { detail: name }, name)
    }
    request.query = { ...query, [key]: text }
  }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** `schemaErrorFormatter`: returns the first validation error, with the field that caused it. */
export function validationError(errors: FastifySchemaValidationError[], part: string): AppError {
  const error = errors[0]
  if (!error) return new AppError('invalid_input', { detail: part })
  const field = fieldOf(error)
  if (part === 'querystring' && error.keyword === 'additionalProperties')
    return new AppError('unknown_filter', { field }, field)
  const named = field === '' ? part : field
  return new AppError(
    'invalid_input',
    { detail: { zh: `${named} ${chinese(error)}`, en: `${named} ${english(error)}` } },
    named,
  )
}

// The default export of this CommonJS package is typed as its namespace.
function withFormats(ajv: Ajv): Ajv {
  addFormats.default(ajv)
  ajv.addFormat('date', { type: 'string', validate: isDay })
  ajv.addFormat('date-time', { type: 'string', validate: isInstant })
  return ajv
}

function asSchema(schema: unknown): object {
  return typeof schema === 'object' && schema !== null ? schema : {}
}

/** The range of an int4 column. */
const int4 = { minimum: -2_147_483_648, maximum: 2_147_483_647 }

/**
 * Returns the schema with two changes: an object with listed properties accepts no others, and a whole number without limits accepts the
 * range of an int4 column, except sums of money (`…Fen`), which are int8.
 */
function closed(schema: unknown): object {
  const walk = (node: unknown, insideAll: boolean, name = ''): unknown => {
    if (Array.isArray(node)) return node.map((part) => walk(part, insideAll, name))
    if (typeof node !== 'object' || node === null) return node
    const isInt4 = 'type' in node && node.type === 'integer' && !name.endsWith('Fen')
    const entries = Object.entries(node).map(([key, value]) => {
      if (key === 'properties') {
        const inner = Object.entries(asSchema(value)).map(([of, part]) => [of, walk(part, false, of)])
        return [key, Object.fromEntries(inner)]
      }
      if (key === 'enum' || key === 'const' || key === 'default') return [key, value]
      return [key, walk(value, key === 'allOf', name)]
    })
    const copy: Record<string, unknown> = { ...(isInt4 ? int4 : {}), ...Object.fromEntries(entries) }
    // Each part of an `allOf` is checked against the whole object, so it must not refuse the properties of the other parts.
    const listed = copy['type'] === 'object' && copy['properties'] !== undefined
    if (listed && !insideAll && copy['additionalProperties'] === undefined)
      copy['additionalProperties'] = false
    return copy
  }
  return asSchema(walk(schema, false))
}

function fieldOf({ instancePath, params }: FastifySchemaValidationError): string {
  const path = instancePath.split('/').slice(1)
  const missing = params['missingProperty'] ?? params['additionalProperty']
  return [...path, ...(typeof missing === 'string' ? [missing] : [])].join('.')
}

function english({ keyword, message }: FastifySchemaValidationError): string {
  if (keyword === 'required') return 'is missing'
  if (keyword === 'additionalProperties') return 'is not known'
  return message ?? keyword
}

function chinese({ keyword, params, message }: Pick<ErrorObject, 'keyword' | 'params' | 'message'>): string {
  const wording: Record<string, string> = {
    required: '没有填',
    additionalProperties: '不认识',
    type: `应为 ${params['type']}`,
    enum: `只能是 ${params['allowedValues']}`,
    const: `只能是 ${params['allowedValue']}`,
    pattern: '格式不对',
    format: `格式不对，应为 ${params['format']}`,
    minLength: `至少 ${params['limit']} 个字符`,
    maxLength: `最多 ${params['limit']} 个字符`,
    minItems: `至少 ${params['limit']} 项`,
    maxItems: `最多 ${params['limit']} 项`,
    minimum: `不能小于 ${params['limit']}`,
    maximum: `不能大于 ${params['limit']}`,
  }
  return wording[keyword] ?? message ?? keyword
}
