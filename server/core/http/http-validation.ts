import { setImmediate } from 'node:timers/promises'
import { type SerializerFactory, SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { Ajv, type ErrorObject } from 'ajv'
import addFormats from 'ajv-formats'
import type { FastifyRequest, FastifySchemaCompiler, FastifySchemaValidationError } from 'fastify'
import { AppError } from '../../errors.ts'
import { isDay, isInstant } from '../../lib/formats.ts'

const strictness = { strict: false, removeAdditional: false, useDefaults: true } as const

/** Compiles schemas on their first use: at the start that would take longer than everything else together. */
export type LazySchemas = {
  validatorCompiler: FastifySchemaCompiler<unknown>
  serializerFactory: SerializerFactory
  /** Compiles what is left, one schema a turn of the event loop, so that no request finds it undone. */
  compileAll(): Promise<void>
}

/**
 * Addresses carry only text, so query and path are converted to what their schema says; a body must already be right:
 * there "1" is not 1, and null is not "". A property that no schema names is refused, never ignored.
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
      // Headers that no schema names are everyday.
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
 * What people look for is a buyer's name or phone as often as not, and addresses are kept: by browsers, proxies and their logs. So a
 * page sends it beside the address, in `X-Search`; it is the list's `q`, and checked as such.
 */
export async function takeSearch(request: FastifyRequest): Promise<void> {
  const sent = request.headers['x-search']
  if (typeof sent !== 'string' || request.method !== 'GET') return
  const query = asSchema(request.query)
  if ('q' in query) return
  const q = decoded(sent)
  // As of an address: PostgreSQL has no U+0000 in any text.
  if (q === undefined || q.includes('\0'))
    throw new AppError('invalid_input', { detail: 'X-Search' }, 'X-Search')
  request.query = { ...query, q }
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}

/** `schemaErrorFormatter`: the first thing that is wrong, with the field that is to blame. */
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

/** What an int4 column holds. */
const int4 = { minimum: -2_147_483_648, maximum: 2_147_483_647 }

/**
 * The same schema, in which objects with listed properties take no others, and whole numbers without limits take what an int4 column
 * holds; sums of money (`…Fen`) are int8.
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
    // Each part of an `allOf` sees the whole object and cannot close it.
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
