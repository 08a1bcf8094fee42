import { createRequire } from 'node:module'
import { SDL } from './schema.ts'

/** What the simulator uses of the package graphql, which is loaded with the first call: it takes a tenth of a second, and most worlds have no such shop. */
export interface Library {
  buildSchema(sdl: string): Schema
  parse(source: string): Document
  validate(schema: Schema, document: Document): readonly GraphQLError[]
  executeSync(args: {
    schema: Schema
    document: Document
    rootValue: unknown
    contextValue: unknown
    variableValues: Record<string, unknown>
    operationName?: string
  }): Result
  getNamedType(type: unknown): { name: string } | undefined
  isListType(type: unknown): boolean
  isNonNullType(type: unknown): boolean
}
export interface Schema {
  getType(name: string): { name: string; getFields?(): Record<string, { type: unknown }> } | undefined
}
export interface GraphQLError {
  message: string
  locations?: readonly { line: number; column: number }[]
  path?: readonly (string | number)[]
}
export interface Result {
  data?: Record<string, unknown> | null
  errors?: readonly GraphQLError[]
}
export interface Document {
  definitions: readonly Definition[]
}
export interface Definition {
  kind: string
  operation?: string
  name?: { value: string }
  typeCondition?: { name: { value: string } }
  selectionSet?: SelectionSet
}
export interface SelectionSet {
  selections: readonly Selection[]
}
export interface Selection {
  kind: string
  name?: { value: string }
  alias?: { value: string }
  arguments?: readonly Argument[]
  directives?: readonly { name: { value: string }; arguments?: readonly Argument[] }[]
  typeCondition?: { name: { value: string } }
  selectionSet?: SelectionSet
}
interface Argument {
  name: { value: string }
  value: Value
}
interface Value {
  kind: string
  value?: unknown
  name?: { value: string }
  values?: readonly Value[]
}

let loaded: { library: Library; schema: Schema } | undefined

export function graphql(): { library: Library; schema: Schema } {
  if (loaded === undefined) {
    const library: Library = createRequire(import.meta.url)('graphql')
    loaded = { library, schema: library.buildSchema(SDL) }
  }
  return loaded
}

/** The value of an argument; undefined: it is not given, or is of another kind than a literal or a variable. */
export function argument(
  of: { arguments?: readonly Argument[] },
  name: string,
  variables: Record<string, unknown>,
): unknown {
  const value = of.arguments?.find((one) => one.name.value === name)?.value
  return value && literal(value, variables)
}

function literal(value: Value, variables: Record<string, unknown>): unknown {
  if (value.kind === 'Variable') return variables[value.name?.value ?? '']
  if (value.kind === 'IntValue') return Number(value.value)
  if (value.kind === 'ListValue') return value.values?.map((one) => literal(one, variables))
  return value.value
}
