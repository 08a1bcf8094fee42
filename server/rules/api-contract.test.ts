import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import { catalogApi } from '../catalog/api-contract.ts'
import { batchesApi } from '../core/batches/api-contract.ts'
import type { RouteEntry } from '../core/http/http.ts'
import { outcomes } from '../core/lists/list-contract.ts'
import { outboxApi } from '../core/outbox/api-contract.ts'
import { tasksApi } from '../core/tasks/api-contract.ts'
import { financeApi } from '../finance/api-contract.ts'
import { fulfilmentApi } from '../fulfilment/api-contract.ts'
import { intakeApi } from '../intake/api-contract.ts'
import { inventoryApi } from '../inventory/api-contract.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { ordersApi } from '../orders/api-contract.ts'
import { overviewApi } from '../overview/api-contract.ts'
import { returnsApi } from '../returns/api-contract.ts'
import { searchApi } from '../search/api-contract.ts'
import { shopsApi } from '../shops/api-contract.ts'
import { stockSyncApi } from '../stock-sync/api-contract.ts'
import { testApp } from '../testing/app.ts'
import { usersApi } from '../users/api-contract.ts'
import { verbs } from '../worker.ts'

/** Schemas of two calls of `verbs` are equal and not the same. */
const ofVerbs = new Map(
  verbs(memoryKeyRing()).map(({ path, body }) => [`POST ${path}`, { body, response: outcomes }]),
)

/** What the pages know of the API: their requests are typed by it. */
const declared: Record<string, { query?: unknown; body?: unknown; response?: unknown }> = {
  ...{ ...batchesApi, ...catalogApi, ...financeApi, ...fulfilmentApi, ...intakeApi, ...inventoryApi },
  ...{ ...ordersApi, ...outboxApi, ...overviewApi, ...searchApi, ...returnsApi, ...shopsApi, ...tasksApi },
  ...{ ...stockSyncApi, ...usersApi },
  ...Object.fromEntries(ofVerbs),
}

/** Reached by links, never by the pages' own requests. */
const links = /^\/api\/(docs|openapi|exports|oauth)\b/

test('what the pages know of a route is the very schema with which the server checks it', async () => {
  await using house = await testApp()
  const routes = house.app.routeList.filter(
    ({ method, url }) => url.startsWith('/api/') && method !== 'HEAD' && !links.test(url),
  )
  const named = new Map(routes.map((route) => [`${route.method} ${route.url.slice(4)}`, route]))
  assert.deepEqual(Object.keys(declared).sort(), [...named.keys()].sort())
  const drifted = [...named].flatMap(([key, { schema }]) => {
    const { query, body, response } = declared[key] ?? {}
    const parts = [
      ['query', query, schema?.querystring],
      ['body', body, schema?.body],
      ['response', response, answerOf(schema)],
    ] as const
    const same = ofVerbs.has(key) ? isDeepStrictEqual : Object.is
    return parts.flatMap(([part, known, checked]) => (same(known, checked) ? [] : [`${key}: ${part}`]))
  })
  assert.deepEqual(drifted, [])
})

/** What is answered when it was done; nothing where that is null. */
function answerOf(schema: RouteEntry['schema']): unknown {
  const done = Object.entries(Object(schema?.response)).find(([status]) => /^2/.test(status))?.[1]
  return Object(done).type === 'null' ? undefined : done
}
