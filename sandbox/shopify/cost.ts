import { keptMap } from '../kept-map.ts'
import type { Shop } from '../world/model.ts'
import {
  argument,
  type Definition,
  type Document,
  graphql,
  type Selection,
  type SelectionSet,
} from './library.ts'

/** The plans of a shop, by the points that they restore in a second; a bucket holds twenty times as many. */
const PLANS = { standard: 100, advanced: 200, plus: 1000 } as const
const SINGLE_QUERY_MOST = 1000

interface Bucket {
  restoreRate: number
  available: number
  atMs: number
}

const buckets = keptMap<Shop, Bucket>('shopify cost')

/** Moves a shop to another plan, with a full bucket. */
export function setPlan(shop: Shop, plan: keyof typeof PLANS, nowMs: number): void {
  const restoreRate = PLANS[plan]
  buckets.set(shop, { restoreRate, available: restoreRate * 20, atMs: nowMs })
}

function bucketOf(shop: Shop, nowMs: number): Bucket {
  const known = buckets.get(shop)
  if (known === undefined) {
    setPlan(shop, 'plus', nowMs)
    return bucketOf(shop, nowMs)
  }
  const restored = (Math.max(nowMs - known.atMs, 0) / 1000) * known.restoreRate
  known.available = Math.min(known.available + restored, known.restoreRate * 20)
  known.atMs = Math.max(nowMs, known.atMs)
  return known
}

export interface Cost {
  requestedQueryCost: number
  actualQueryCost: number | null
  throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number }
}

/** Takes the points of a call, the most that it could cost or, once it is known, its real cost. False: the bucket lacks them. */
export function take(shop: Shop, nowMs: number, points: number): boolean {
  const bucket = bucketOf(shop, nowMs)
  if (points > bucket.available) return false
  bucket.available -= points
  return true
}

export function empty(shop: Shop, nowMs: number): void {
  bucketOf(shop, nowMs).available = 0
}

export function costSaid(shop: Shop, nowMs: number, requested: number, actual: number | null): Cost {
  const { available, restoreRate } = bucketOf(shop, nowMs)
  return {
    requestedQueryCost: requested,
    actualQueryCost: actual,
    throttleStatus: {
      maximumAvailable: restoreRate * 20,
      currentlyAvailable: Math.floor(available),
      restoreRate,
    },
  }
}

export const exceedsSingleMost = (points: number): boolean => points > SINGLE_QUERY_MOST
export const costMessage = (points: number): string =>
  `Query cost is ${points}, which exceeds the single query max cost limit (${SINGLE_QUERY_MOST}). See https://shopify.dev/concepts/about-apis/rate-limits for more information on how the cost of a query is calculated.`

/**
 * The points of an operation: a scalar none, an object 1, a connection 2 and its rows, a mutation 10. `data` undefined: as many rows as were asked for; else as many
 * as came.
 */
export function costOf(document: Document, variables: Record<string, unknown>, data?: unknown): number {
  const operation = document.definitions.find(({ kind }) => kind === 'OperationDefinition')
  const isMutation = operation?.operation === 'mutation'
  const walk = { fragments: document.definitions, variables }
  const points = selected(operation?.selectionSet, isMutation ? 'Mutation' : 'Query', { walk, data })
  return points + (isMutation ? 10 : 0)
}

interface At {
  walk: { fragments: readonly Definition[]; variables: Record<string, unknown> }
  data?: unknown
}

const partOf = (data: unknown, key: string): unknown =>
  typeof data === 'object' && data !== null ? Reflect.get(data, key) : null

function selected(set: SelectionSet | undefined, typeName: string, at: At): number {
  let sum = 0
  for (const one of set?.selections ?? []) {
    if (one.kind === 'Field') sum += field(one, typeName, at)
    else {
      const spread =
        one.kind === 'FragmentSpread'
          ? at.walk.fragments.find(
              ({ kind, name }) => kind === 'FragmentDefinition' && name?.value === one.name?.value,
            )
          : one
      sum += selected(spread?.selectionSet, spread?.typeCondition?.name.value ?? typeName, at)
    }
  }
  return sum
}

function field(one: Selection, typeName: string, at: At): number {
  if (one.selectionSet === undefined) return 0
  const { library, schema } = graphql()
  const key = one.name?.value ?? ''
  const type = schema.getType(typeName)?.getFields?.()[key]?.type
  const named = library.getNamedType(type)?.name ?? ''
  const data = at.data === undefined ? undefined : partOf(at.data, one.alias?.value ?? key)
  // Pages and errors cost nothing.
  if (data === null || named === 'PageInfo' || key === 'userErrors') return 0
  const { walk } = at
  const below = (of: unknown) =>
    1 + selected(one.selectionSet, named, of === undefined ? { walk } : { walk, data: of })
  if (named.endsWith('Connection')) return 2 + connection(one, named, { walk, data })
  const list = library.isListType(library.isNonNullType(type) ? Reflect.get(Object(type), 'ofType') : type)
  if (!list) return typeName === 'Mutation' ? below(data) - 1 : below(data)
  if (Array.isArray(data))
    return data.reduce((sum: number, row: unknown) => sum + (row === null ? 0 : below(row)), 0)
  const ids = argument(one, 'ids', walk.variables)
  return rowsAsked(one, walk.variables, Array.isArray(ids) ? ids.length : 1) * below(undefined)
}

function rowsAsked(one: Selection, variables: Record<string, unknown>, instead: number): number {
  const asked = argument(one, 'first', variables) ?? argument(one, 'last', variables)
  return typeof asked === 'number' ? asked : instead
}

/** The rows are asked for as nodes, or as edges with a node each. */
function connection(one: Selection, typeName: string, { walk, data }: At): number {
  let sum = 0
  for (const part of one.selectionSet?.selections ?? []) {
    if (part.name?.value !== 'nodes' && part.name?.value !== 'edges') continue
    const rows = data === undefined ? undefined : partOf(data, part.name.value)
    const single: Selection = { ...part, arguments: [] }
    if (Array.isArray(rows))
      sum += rows.reduce(
        (points: number, row: unknown) =>
          points + field(single, typeName, { walk, data: { [part.name?.value ?? '']: [row] } }),
        0,
      )
    else sum += rowsAsked(one, walk.variables, 0) * field(single, typeName, { walk })
  }
  return sum
}
