import type { Static, TSchema } from 'typebox'
import type { catalogApi } from '../../server/catalog/api-contract.ts'
import type { catalogVerbs } from '../../server/catalog/verbs.ts'
import type { batchesApi } from '../../server/core/batches/api-contract.ts'
import type { outcomes } from '../../server/core/lists/list-contract.ts'
import type { outboxApi } from '../../server/core/outbox/api-contract.ts'
import type { tasksApi } from '../../server/core/tasks/api-contract.ts'
import type { VerbRequests } from '../../server/core/verbs-contract.ts'
import type { financeApi } from '../../server/finance/api-contract.ts'
import type { financeVerbs } from '../../server/finance/verbs.ts'
import type { fulfilmentApi } from '../../server/fulfilment/api-contract.ts'
import type { fulfilmentVerbs } from '../../server/fulfilment/verbs.ts'
import type { intakeApi } from '../../server/intake/api-contract.ts'
import type { intakeVerbs } from '../../server/intake/verbs.ts'
import type { inventoryApi } from '../../server/inventory/api-contract.ts'
import type { inventoryVerbs } from '../../server/inventory/verbs.ts'
import type { ordersApi } from '../../server/orders/api-contract.ts'
import type { settleVerbs } from '../../server/orders/settle/verbs.ts'
import type { orderVerbs } from '../../server/orders/verbs.ts'
import type { overviewApi } from '../../server/overview/api-contract.ts'
import type { returnsApi } from '../../server/returns/api-contract.ts'
import type { returnVerbs } from '../../server/returns/verbs.ts'
import type { searchApi } from '../../server/search/api-contract.ts'
import type { shopsApi } from '../../server/shops/api-contract.ts'
import type { stockSyncApi } from '../../server/stock-sync/api-contract.ts'
import type { stockSyncVerbs } from '../../server/stock-sync/verbs.ts'
import type { usersApi } from '../../server/users/api-contract.ts'
import type { Json } from './ui/base/json.ts'

// Types only: which requests there are, and what each takes and answers, read from the slices' contracts.

type Api = typeof batchesApi &
  typeof catalogApi &
  typeof financeApi &
  typeof fulfilmentApi &
  typeof intakeApi &
  typeof inventoryApi &
  typeof ordersApi &
  typeof outboxApi &
  typeof overviewApi &
  typeof searchApi &
  typeof returnsApi &
  typeof shopsApi &
  typeof tasksApi &
  typeof stockSyncApi &
  typeof usersApi &
  Verbs

/** Only types come from `verbs.ts`: pages import the values that they need from `verbs-contract.ts`. */
type Verbs = VerbRequests<
  | (typeof catalogVerbs | typeof inventoryVerbs | typeof stockSyncVerbs | typeof financeVerbs)[number]
  | (typeof settleVerbs | ReturnType<typeof fulfilmentVerbs> | ReturnType<typeof returnVerbs>)[number]
  | (ReturnType<typeof intakeVerbs> | ReturnType<typeof orderVerbs>)[number],
  typeof outcomes
>

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type AfterMethod<M extends Method, Key> = Key extends `${M} ${infer Path}` ? Path : never

/** The paths that a method has, as the server writes them: `/orders/:id/memo`. */
export type Path<M extends Method> = AfterMethod<M, keyof Api>
type Route<M extends Method, P extends string> = Api[`${M} ${P}` & keyof Api]

type Optional<T> = Partial<T> extends T ? true : false
type OrNothing<T, Key extends keyof T, Nothing> = Optional<Pick<T, Key>> extends true ? Nothing : never
/** What may be left out may also be there as nothing, which is not sent; and nothing is changed on its way. */
type Given<T> = T extends readonly (infer Each)[]
  ? readonly Given<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> | OrNothing<T, Key, undefined> }
    : T

export type Answer<M extends Method, P extends Path<M>> =
  Route<M, P> extends { response: infer S extends TSchema } ? Json<Static<S>> : null
export type Body<M extends Method, P extends Path<M>> =
  Route<M, P> extends { body: infer S extends TSchema } ? Given<Static<S>> : Record<string, never>
export type QueryOf<P extends Path<'GET'>> =
  Route<'GET', P> extends { query: infer S extends TSchema } ? Asked<Static<S>> : Record<never, never>
type Asked<T> = { [Key in keyof T]: T[Key] | OrNothing<T, Key, undefined | ''> }
/** The parts of a path that stand for something: `:id`. */
export type Params<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & Params<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Record<Name, string>
    : Record<never, never>

type Results = { results: readonly { id: string; done: boolean }[] }
type AnswersRows<P extends Path<'POST'>> = Answer<'POST', P> extends Results ? P : never

/** Verbs over rows, with an outcome for each. */
export type VerbPath = { [P in Path<'POST'>]: AnswersRows<P> }[Path<'POST'>]
/** What such a verb takes besides the rows. */
export type VerbInput<P extends VerbPath> = Omit<Body<'POST', P>, 'ids'>
/** Such a verb names its rows as `ids`, or in its own way. */
export type NamesRows<P extends VerbPath> = Body<'POST', P> extends { ids: readonly string[] } ? false : true

/** Lists that answer pages of such rows. */
export type PagePath<Row> = {
  [P in Path<'GET'>]: Answer<'GET', P> extends { rows: Row[]; next: string | null } ? P : never
}[Path<'GET'>]
type Before<P, End extends string> = P extends `${infer Start}${End}` ? Start : never
/** Lists that count their tabs. */
export type CountedPath = Before<Path<'GET'>, '/counts'>

/** Sheets that are read on the server. */
export type SheetPath = {
  [P in Path<'POST'>]: Answer<'POST', P> extends { refused: readonly unknown[] } ? P : never
}[Path<'POST'>]
