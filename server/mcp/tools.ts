import type { RouteEntry } from '../core/http/http.ts'
import { searchHeaders } from '../core/http/search-contract.ts'
import { type FilterDeclaration, type ListDeclaration, wordOf } from '../core/lists/declare-contract.ts'
import type { Verb } from '../core/verbs.ts'
import { isRecord } from '../lib/json.ts'
import type { RoutePermission } from '../users/permissions.ts'

type Properties = Record<string, unknown>

/** A request to a route of ours, as `app.inject` takes it. */
export type Request = {
  method: 'GET' | 'POST'
  url: string
  headers: Record<string, string>
  body?: Properties
}

/** Something that an assistant can do: it reads one route, or runs one verb. */
export type Tool = {
  name: string
  description: string
  permission: RoutePermission
  /** False: it only reads. */
  changes: boolean
  input: { type: 'object'; properties: Properties; required: readonly string[]; additionalProperties: false }
  /** Makes the request of these arguments. Undefined: a part of the path is missing. */
  request(args: Properties): Request | undefined
}

/** All reading routes and all verbs as tools, by name. */
export function toolsOf(
  routes: readonly RouteEntry[],
  verbs: readonly Verb[],
  lists: readonly ListDeclaration[],
): ReadonlyMap<string, Tool> {
  const reading = routes.filter(isRead).map((route) => reader(route, lists))
  return new Map([...reading, ...verbs.map(changer)].map((tool) => [tool.name, tool]))
}

/** Routes that answer with an object and show no secret. Counts of one tab are left out, since lists count all their tabs. */
function isRead({ method, url, permission = 'public', schema, secret }: RouteEntry): boolean {
  if (method !== 'GET' || permission === 'public' || secret || !/^\/api\/[^*]+$/.test(url)) return false
  return isRecord(schema?.response) && '200' in schema.response && !url.endsWith('/count')
}

function reader(route: RouteEntry, lists: readonly ListDeclaration[]): Tool {
  const { url, schema } = route
  const path = propertiesOf(schema?.params)
  const query = propertiesOf(schema?.querystring)
  const list = lists.find((one) => `/api${one.path}` === url && one.routesOf === undefined)
  return {
    name: `read${nameOf(url)}`,
    description: `${list ? `${list.title[0]} ${list.title[1]}. ` : ''}${summaryOf(schema)}`,
    permission: route.permission ?? 'signed_in',
    changes: false,
    input: closed({ ...path.properties, ...(list ? described(query.properties, list) : query.properties) }, [
      ...Object.keys(path.properties),
      ...query.required,
    ]),
    request: (args) => readRequest(url, Object.keys(path.properties), args),
  }
}

function changer({ path, body, declared }: Verb): Tool {
  const { properties, required } = propertiesOf(body)
  return {
    name: nameOf(path).slice(1),
    description: `${declared.words[0]} ${declared.words[1]}: ${declared.summary}. ${twice}`,
    permission: declared.permission,
    changes: true,
    input: closed({ ...properties, confirm: { type: 'string', description: confirmHint } }, required),
    request: ({ confirm: _, ...args }) => ({ method: 'POST', url: `/api${path}`, headers: {}, body: args }),
  }
}

const twice = 'Without `confirm` it changes nothing, and answers with what would happen to each row.'
const confirmHint = 'The `confirm` of the dry run with the same arguments. Ask the person before you send it.'

function readRequest(url: string, inPath: readonly string[], args: Properties): Request | undefined {
  let path = url
  for (const name of inPath) {
    const value = String(args[name] ?? '')
    // A dot would be a step to another folder of the path.
    if (/^\.{0,2}$/.test(value)) return undefined
    path = path.replace(`:${name}`, encodeURIComponent(value))
  }
  const headers: Record<string, string> = {}
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(args)) {
    if (inPath.includes(name) || value === undefined || value === null) continue
    const header = Object.entries(searchHeaders).find(([key]) => key === name)?.[1]
    // A buyer's name or phone number is in no URL, as on the pages.
    if (header) headers[header] = encodeURIComponent(String(value))
    else query.set(name, String(value))
  }
  return { method: 'GET', url: query.size > 0 ? `${path}?${query}` : path, headers }
}

/** /api/orders/:id/history → _orders_id_history */
const nameOf = (url: string) => url.replace(/^\/api/, '').replaceAll(/[^a-zA-Z0-9-]+/g, '_')

const closed = (properties: Properties, required: readonly string[]): Tool['input'] => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
})

function propertiesOf(schema: unknown): { properties: Properties; required: readonly string[] } {
  const { properties, required } = isRecord(schema) ? schema : {}
  return {
    properties: isRecord(properties) ? properties : {},
    required: Array.isArray(required) ? required.map(String) : [],
  }
}

function summaryOf(schema: unknown): string {
  const summary = isRecord(schema) ? schema['summary'] : undefined
  return typeof summary === 'string' ? summary : ''
}

/** Adds to each filter and to the tabs of a list the words that its page shows. */
function described(properties: Properties, list: ListDeclaration): Properties {
  const tabs = Object.entries(list.tabs).map(([key, { words }]) => `${key} ${words[0]} ${words[1]}`)
  const words: Record<string, string> = { [list.tabKey ?? 'tab']: tabs.join('; ') }
  for (const [key, filter] of Object.entries(list.filters))
    for (const name of [key, `${key}From`, `${key}To`, `${key}FromFen`, `${key}ToFen`])
      words[name] = filterWords(filter)
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => {
      const description = words[name]
      return [name, description && isRecord(schema) ? { ...schema, description } : schema]
    }),
  )
}

function filterWords(filter: FilterDeclaration): string {
  const codes = filter.kind === 'choices' ? filter.choices : {}
  const choices = Object.keys(codes).map(
    (code) => `${code} ${wordOf(codes, code, 'zh')} ${wordOf(codes, code, 'en')}`,
  )
  return [filter.words.join(' '), ...choices].join('; ')
}
