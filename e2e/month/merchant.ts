import assert from 'node:assert/strict'
import { demoShops } from '../../sandbox/demo-shops.ts'
import type { RunningSandbox } from '../../sandbox/server.ts'
import { connectors } from '../../server/connectors/index.ts'
import { dayMs } from '../../server/lib/time.ts'
import { demoCredentials } from '../../server/shops/demo.ts'
import { goodsOf } from '../../server/start/demo.ts'
import { type Caller, callerAt } from '../../server/testing/app.ts'
import { until } from '../../server/testing/until.ts'
import { consent, rowsOf, textOf } from '../settle.ts'

// What the merchant's people do, through the API that the pages use.

export const owner = { email: 'zhou@example.com', name: '周岚', password: 'nine green bottles 9' }

type Task = { id: string; kind: string; shopId: string | null }
export type Run = { id: string; state: string; error: string; endedAt: string | null }

/** Opens the link of the first sign-in, and is the administrator then. */
export async function setUp(url: string, said: string): Promise<Caller> {
  const link = /\S+\/setup\?token=(\S+)/.exec(said)?.[1] ?? assert.fail(`no link to set up:\n${said}`)
  return signedIn(url, '/api/setup', { token: link, ...owner })
}

export const signIn = (url: string): Promise<Caller> =>
  signedIn(url, '/api/sign-in', { email: owner.email, password: owner.password })

async function signedIn(url: string, path: string, body: object): Promise<Caller> {
  const { status, body: answer, cookies } = await callerAt(url, '', '').call('POST', path, body)
  assert.equal(status, 200, JSON.stringify(answer))
  const cookie = cookies.map((each) => each.split(';')[0]).join('; ')
  return callerAt(url, '', cookie)
}

/** Sends a request that must not be refused. */
export async function asked(who: Caller, method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await who.call(method, path, body)
  assert.ok(answer.status < 300, `${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`)
  return answer.body
}

/** Connects a shop of the simulator: its keys, the platform's consent page, verification. Trades of the last two days are taken over. */
export async function connectShop(who: Caller, sandbox: RunningSandbox, key: string): Promise<string> {
  const shop = demoShops.find((one) => one.key === key) ?? assert.fail(key)
  const connector =
    connectors.find(({ id, variants }) => [id, ...variants.map((one) => one.id)].includes(shop.platform)) ??
    assert.fail(shop.platform)
  const made = await asked(who, 'POST', '/api/shops', {
    platform: connector.id,
    ...(connector.id === shop.platform ? {} : { variant: shop.platform }),
    name: shop.name,
    goLiveAt: new Date(Date.now() - 3 * dayMs).toISOString(),
    credentials: demoCredentials(connector, sandbox.url, shop),
  })
  const id = String(Object(made).shop.id)
  const answer = await asked(who, 'POST', `/api/shops/${id}/authorize`, {})
  await consent(textOf(answer, 'url'), sandbox.url, key)
  await asked(who, 'POST', `/api/shops/${id}/verify`, {})
  return id
}

/** Adds the SKUs of the shop's listings, a warehouse, and what lies in it. */
export async function stockUp(who: Caller, sandbox: RunningSandbox, keys: readonly string[]): Promise<void> {
  const listed = await Promise.all(keys.map((key) => goodsOf(sandbox.url, { key })))
  const goods = [...new Map(listed.flat().map((one) => [one.code, one])).values()]
  for (let at = 0; at < goods.length; at += 200)
    await asked(who, 'POST', '/api/skus', { rows: goods.slice(at, at + 200) })
  const made = await asked(who, 'POST', '/api/warehouses', {
    ...{ code: 'HZ', name: '杭州仓', kind: 'own', province: '浙江省', city: '杭州市', priority: 10 },
  })
  const warehouseId = textOf(made, 'id')
  await asked(who, 'PATCH', `/api/warehouses/${warehouseId}`, { shipSteps: [] })
  const lines = goods.map(({ code }) => ({ skuCode: code, quantity: 500 }))
  for (let at = 0; at < lines.length; at += 200) {
    const document = await asked(who, 'POST', '/api/stock-documents', {
      ...{ kind: 'adjustment', warehouseId, note: '期初库存', lines: lines.slice(at, at + 200) },
    })
    const ids = [textOf(document, 'id')]
    await pressed(who, '/api/stock-documents/approve', { ids })
    await pressed(who, '/api/stock-documents/post', { ids })
  }
}

/** Presses a button for rows, each of which has to be done. */
export async function pressed(who: Caller, path: string, body: object): Promise<void> {
  const answer = await asked(who, 'POST', path, body)
  const refused = Object(answer).results.filter(({ done }: { done: boolean }) => !done)
  assert.deepEqual(refused, [], path)
}

export async function tasksOf(who: Caller, kind: string): Promise<Task[]> {
  return rowsOf<Task>(await asked(who, 'GET', '/api/tasks')).filter((task) => task.kind === kind)
}

/** Time is compressed: what the shop's tasks do every half minute, they do every second. */
export async function hurryTasks(who: Caller): Promise<void> {
  const seconds = { trade_list: 1, trade_detail: 1, refund_list: 1, trade_catch_up: 3600, listings: 60 }
  for (const [kind, everySeconds] of Object.entries(seconds))
    for (const { id } of await tasksOf(who, kind)) {
      const loads = kind === 'trade_list' || kind === 'refund_list'
      const params = loads ? { params: { firstLoadDays: 3 } } : {}
      await asked(who, 'PATCH', `/api/tasks/${id}`, { schedule: { everySeconds }, ...params })
    }
}

/** Runs the tasks of a kind now, as their button does, and waits for the end of their runs. */
export async function runTasks(who: Caller, kind: string): Promise<Run[]> {
  const started: string[] = []
  for (const { id } of await tasksOf(who, kind))
    started.push(textOf(await asked(who, 'POST', `/api/tasks/${id}/run`, {}), 'runId'))
  let ended: Run[] = []
  await until(async () => {
    const rows = rowsOf<Run>(await asked(who, 'GET', `/api/task-runs?kind=${kind}&limit=50`))
    ended = rows.filter(({ id, endedAt }) => started.includes(id) && endedAt !== null)
    return ended.length === started.length
  }, 120_000)
  return ended
}

let waybills = 0

/** Converts, confirms and releases orders, and types their waybills, until this number of deliveries may leave. Returns their ids. */
export async function readyOrders(who: Caller, count: number): Promise<string[]> {
  let ready: string[] = []
  await until(async () => {
    await press(who, '/api/staged-trades/convert', '/api/staged-trades?tab=staged&reason=none')
    await press(who, '/api/orders/confirm', '/api/orders?tab=unconfirmed&held=false&short=false', count)
    await press(who, '/api/orders/release', '/api/orders?tab=confirmed&held=false&short=false', count)
    const unnumbered = await idsOf(who, '/api/deliveries?tab=number', count - ready.length)
    const rows = unnumbered.map((id) => {
      waybills += 1
      return { id, courier: 'YTO', waybillNo: `YT9${String(waybills).padStart(12, '0')}` }
    })
    if (rows.length > 0) await asked(who, 'POST', '/api/deliveries/waybills', { rows })
    ready = await idsOf(who, '/api/deliveries?tab=pending&waybill=yes', count)
    return ready.length >= count
  }, 90_000)
  return ready
}

/** Ships deliveries. Returns how many left: a refund may stop one. */
export async function shipReady(who: Caller, ids: readonly string[]): Promise<number> {
  const answer = await asked(who, 'POST', '/api/deliveries/ship', { ids })
  return Object(answer).results.filter(({ done }: { done: boolean }) => done).length
}

/** Ships until this number of deliveries has left. Returns how many did. */
export async function shipOrders(who: Caller, count: number): Promise<number> {
  let left = 0
  for (const deadline = Date.now() + 90_000; left < count && Date.now() < deadline; )
    left += await shipReady(who, await readyOrders(who, count - left))
  assert.ok(left >= count)
  return left
}

async function press(who: Caller, path: string, list: string, most = 50): Promise<void> {
  const ids = await idsOf(who, list, most)
  if (ids.length > 0) await asked(who, 'POST', path, { ids })
}

export async function idsOf(who: Caller, list: string, most = 50): Promise<string[]> {
  if (most < 1) return []
  const rows = rowsOf<{ id: string }>(await asked(who, 'GET', `${list}&limit=50`))
  return rows.map(({ id }) => id).slice(0, most)
}
