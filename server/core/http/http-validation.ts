import { setImmediate } from 'node:timers/promises'
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyRequest, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { AppError } from '../../errors.ts'
import { isDay, isInstant } from '../../lib/formats.ts'
import { searchHeaders } from './search-contract.ts'

const strictness = { strict: false, removeAdditional: false, useDefaults: true } as const

/** Compiles each schema at its first use. Compiling all of them at the start would take longer than the rest of the start. */
export type LazySchemas = {
  validatorCompiler: FastifySchemaCompiler<unknown>
  serializerFactory: SerializerFactory
  /** Compiles the remaining schemas, one in each turn of the event loop, so that no later request waits for one. */
  compileAll(): Promise<void>
}

/**
 * Makes Fastify's schema compilers. Values of query and path are text and are converted to the type of their schema. Values of a body must
 * have the right type: "1" is not 1, and null is not "". A property without a schema is refused.
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
 * Copies the search text from the header `X-Search` to the query's `q`, and a buyer from `X-Buyer` to `buyer`; both are then validated as
 * part of the query. Users search for buyers' names and phone numbers; in a URL these would be stored by browsers and proxies.
 */
export async function takeSearch(request: FastifyRequest): Promise<void> {
  if (request.method !== 'GET') return
  for (const [key, header] of Object.entries(searchHeaders)) {
    const sent = request.headers[header]
    const query = asSchema(request.query)
    if (typeof sent !== 'string' || key in query) continue
    const text = decoded(sent)
    // PostgreSQL text cannot contain U+0000.
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

const int4 = { minimum: -2_147_483_648, maximum: 2_147_483_647 }

/**
 * Returns a stricter schema: an object with listed properties accepts no others, and an integer without limits must fit an int4 column.
 * Sums of money (`…Fen`) are int8 and stay as they are.
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
