import type { Requests } from './requests.ts'

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE'
type AfterMethod<M extends Method, Key> = Key extends `${M} ${infer Path}` ? Path : never

/** The paths of a method, as the server writes them: `/orders/:id/memo`. */
export type Path<M extends Method> = AfterMethod<M, keyof Requests>
type Route<M extends Method, P extends string> = Requests[`${M} ${P}` & keyof Requests]

type Optional<T> = Partial<T> extends T ? true : false
type OrNothing<T, Key extends keyof T, Nothing> = Optional<Pick<T, Key>> extends true ? Nothing : never
/** The type of a request body as pages may give it. An optional field may also be undefined; such a field is not sent. */
type Given<T> = T extends readonly (infer Each)[]
  ? readonly Given<Each>[]
  : T extends object
    ? { readonly [Key in keyof T]: Given<T[Key]> | OrNothing<T, Key, undefined> }
    : T

export type Answer<M extends Method, P extends Path<M>> =
  Route<M, P> extends { response: infer Response } ? Response : null
export type Body<M extends Method, P extends Path<M>> =
  Route<M, P> extends { body: infer Sent } ? Given<Sent> : Record<string, never>
export type QueryOf<P extends Path<'GET'>> =
  Route<'GET', P> extends { query: infer Query } ? Asked<Query> : Record<never, never>
type Asked<T> = { [Key in keyof T]: T[Key] | OrNothing<T, Key, undefined | ''> }
/** The parameters of a path, such as `:id`. */
export type Params<P extends string> = P extends `${string}:${infer Name}/${infer Rest}`
  ? Record<Name, string> & Params<`/${Rest}`>
  : P extends `${string}:${infer Name}`
    ? Record<Name, string>
    : Record<never, never>

type Results = { results: readonly { id: string; done: boolean }[] }
type AnswersRows<P extends Path<'POST'>> = Answer<'POST', P> extends Results ? P : never

/** Paths of verbs over rows: the answer has an outcome for each row. */
export type VerbPath = { [P in Path<'POST'>]: AnswersRows<P> }[Path<'POST'>]
/** The body of such a verb without the ids of its rows. */
export type VerbInput<P extends VerbPath> = Omit<Body<'POST', P>, 'ids'>
/** False: the body names the rows as `ids`. True: it names them in another way. */
export type NamesRows<P extends VerbPath> = Body<'POST', P> extends { ids: readonly string[] } ? false : true

/** Paths of lists with rows of this type. */
export type PagePath<Row> = {
  [P in Path<'GET'>]: Answer<'GET', P> extends { rows: Row[]; next: string | null } ? P : never
}[Path<'GET'>]
type Before<P, End extends string> = P extends `${infer Start}${End}` ? Start : never
/** Paths of lists that have counts for their tabs. */
export type CountedPath = Before<Path<'GET'>, '/counts'>

/** Paths of imports, to which a sheet is uploaded. */
export type SheetPath = {
  [P in Path<'POST'>]: Answer<'POST', P> extends { refused: readonly unknown[] } ? P : never
}[Path<'POST'>]
