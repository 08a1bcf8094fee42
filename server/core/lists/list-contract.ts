import Type from 'typebox'
import type { Outcome } from '../decide.ts'
import { idSchema, nullable } from '../http/http-contract.ts'
import type { FilterDeclaration, FilterOf, ListDeclaration } from './declare-contract.ts'

// Schemas that the lists and verbs of all slices share.

export const oneOf = <const Values extends readonly string[]>(values: Values) =>
  Type.Unsafe<Values[number]>({ type: 'string', enum: [...values] })

/** Values of a filter, separated by commas, such as "1,2". A text of commas alone has no value and is refused. */
export const several = Type.String({ minLength: 1, maxLength: 8000, pattern: '[^,]' })
export const shopIds = Type.String({ pattern: '^[1-9][0-9]{0,6}(,[1-9][0-9]{0,6}){0,199}$' })
export const time = Type.String({ format: 'date-time' })
export const flagText = Type.String({ pattern: '^(true|false)$' })
export const searchText = Type.String({ minLength: 1, maxLength: 60 })
/** Numbers pasted from a sheet, separated by spaces, line breaks, commas or semicolons; at most 1000. */
export const pastedNumbers = Type.String({ minLength: 1, maxLength: 40_000 })

const fen = Type.Integer({ minimum: 0, maximum: 1e12 })
const schemas = {
  shops: shopIds,
  platforms: several,
  warehouses: shopIds,
  id: idSchema,
  sku: Type.String({ minLength: 1, maxLength: 64 }),
  ids: Type.String({ minLength: 1, maxLength: 20_000 }),
  numbers: pastedNumbers,
  until: time,
  yesNo: flagText,
  flag: Type.Boolean(),
  day: Type.String({ format: 'date' }),
}

function schemasOf(key: string, filter: FilterDeclaration): [string, Type.TSchema][] {
  switch (filter.kind) {
    case 'period':
      return [
        [`${key}From`, time],
        [`${key}To`, time],
      ]
    case 'amount':
      return [
        [`${key}FromFen`, fen],
        [`${key}ToFen`, fen],
      ]
    case 'choices':
      return [[key, filter.one ? oneOf(Object.keys(filter.choices)) : several]]
    case 'text':
      return [[key, filter.facets ? several : searchText]]
    default:
      return [[key, schemas[filter.kind]]]
  }
}

type Properties<Filter> = {
  [Name in keyof Filter]-?: Type.TOptional<Type.TUnsafe<NonNullable<Filter[Name]>>>
}

/** Returns the schema of the filter that the API of a declared list accepts. */
export function filterOf<const Declared extends Pick<ListDeclaration, 'filters' | 'tabs' | 'tabKey'>>({
  filters,
  tabs,
  tabKey,
}: Declared): Type.TObject<Properties<FilterOf<Declared>>> {
  const tab = tabKey ? ([tabKey, several] as const) : (['tab', oneOf(Object.keys(tabs))] as const)
  const all = [
    ...(Object.keys(tabs).length > 1 ? [tab] : []),
    ...Object.entries(filters).flatMap(([key, filter]) => schemasOf(key, filter)),
  ]
  const properties = Object.fromEntries(all.map(([name, schema]) => [name, Type.Optional(schema)]))
  return Type.Object(properties as Properties<FilterOf<Declared>>, { additionalProperties: false })
}

export const cappedCount = Type.Object({ count: Type.Integer(), capped: Type.Boolean() })
export const tabCounts = Type.Object({ tabs: Type.Record(Type.String(), cappedCount) })
/** `capped`: there are more than `most`. */
export const exactCount = Type.Object({ count: Type.Integer(), capped: Type.Optional(Type.Boolean()) })
/** Counting stops here. Without it the count is exact, and may take long. */
export const countMost = { most: Type.Optional(Type.Integer({ minimum: 1, maximum: 10_000 })) }

const ids = { ids: Type.Array(idSchema, { minItems: 1, maxItems: 200 }) }
/** The input of a verb: the ids of the rows, and further fields. */
export const idsWith = <Fields extends Record<string, Type.TSchema>>(fields: Fields) =>
  Type.Object({ ...ids, ...fields }, { additionalProperties: false })
export const idsInput = Type.Object(ids, { additionalProperties: false })

export type { Outcome }

const outcomeFields = {
  id: Type.String(),
  done: Type.Boolean(),
  code: Type.Optional(Type.String()),
  reason: Type.Optional(Type.String()),
  message: Type.Optional(Type.Object({ zh: Type.String(), en: Type.String() })),
  ref: Type.Optional(Type.String()),
}
/** The answer of a verb: one outcome for each id, in the order of the ids. */
export const outcomes = Type.Object({ results: Type.Array(Type.Unsafe<Outcome>(Type.Object(outcomeFields))) })
export function outcomesWith<Fields extends Record<string, Type.TSchema>>(fields: Fields) {
  return Type.Object({ results: Type.Array(Type.Object({ ...outcomeFields, ...fields })) })
}

/** A button of a page: whether it is enabled, or the reason why not. */
export const actionAvailability = Type.Object({
  action: Type.String(),
  allowed: Type.Boolean(),
  code: Type.String(),
  message: Type.Optional(nullable(Type.Object({ zh: Type.String(), en: Type.String() }))),
})

/** `reason`: why the user reveals this row; required after many reveals in a day. Programs may send no body. */
export const revealBody = Type.Object({
  reason: Type.Optional(Type.String({ minLength: 1, maxLength: 200, pattern: '\\S' })),
})

/** The unmasked personal data of a buyer. It is sent only on demand, and each time an audit row is written. */
export const personalView = Type.Object({
  nick: Type.String(),
  name: Type.String(),
  mobile: Type.String(),
  phone: Type.String(),
  province: Type.String(),
  city: Type.String(),
  district: Type.String(),
  town: Type.String(),
  address: Type.String(),
  zip: Type.String(),
})
