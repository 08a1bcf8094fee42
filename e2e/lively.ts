import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { ruleDemo } from '../server/orders/sourcing/demo.ts'
import { until } from '../server/testing/until.ts'
import { asked, type House } from './house.ts'
import { afterSale } from './lively-aftersale.ts'
import { money } from './lively-money.ts'

/** Fills the database with orders, holds, memos, refunds of every state, and a shop whose authorisation has expired. */
export async function lively(house: House): Promise<void> {
  const { admin, control, db, run, sandbox, shops } = house
  await sql`update role set name = '主管', name_en = 'Lead' where length(name) > 40`.execute(db)
  await sql`update app_user set email = 'linxiao@example.com' where id = ${admin.userId}::bigint`.execute(db)
  type Rows = { rows: { id: string }[]; next: string | null }
  await until(async () => {
    const { tabs } = await asked<{ tabs: Record<string, { count: number }> }>(
      admin,
      'GET',
      '/api/staged-trades/counts',
    )
    return (tabs['staged']?.count ?? 0) > 150 && tabs['fetching']?.count === 0
  }, 90_000)
  const ready = await asked<Rows>(admin, 'GET', '/api/staged-trades?limit=60&reason=none')
  const ids = ready.rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/staged-trades/convert', { ids })
  await catalogued(admin)
  await chosen(admin, db)
  await stocked(admin)
  const orders = (await asked<Rows>(admin, 'GET', '/api/orders?limit=60')).rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/orders/hold', {
    ids: orders.slice(0, 4),
    reason: 'ask_buyer',
    note: '尺码待确认',
  })
  await asked(admin, 'POST', '/api/orders/void', { ids: orders.slice(4, 6), reason: '买家重拍了' })
  await asked(admin, 'POST', '/api/extra-refunds', {
    orderId: orders[8],
    kind: 'compensation',
    amountFen: 500,
    reason: '少发一件配件',
  })
  const drafts = (await asked<Rows>(admin, 'GET', '/api/settlements?limit=1')).rows.map((row) => row.id)
  await asked(admin, 'POST', '/api/settlements/approve', { ids: drafts })
  await asked(admin, 'POST', '/api/orders/urgent', { ids: orders.slice(10, 12) })
  await asked(admin, 'POST', '/api/orders/lock', { ids: orders.slice(11, 13) })
  await ruled(admin, shops['shanyu-tmall'] ?? '')
  await run('auto_confirm', { shop: 'shanyu-tmall' })
  await twice(admin)
  await shipped(admin, orders.slice(20))
  await afterSale(house)
  await money(house)
  const rest = await asked<Rows>(admin, 'GET', '/api/staged-trades?limit=5')
  await asked(admin, 'POST', '/api/staged-trades/process', {
    ids: rest.rows.slice(0, 2).map((row) => row.id),
  })
  await asked(admin, 'POST', '/api/batches', {
    action: 'trades.convert',
    target: { filter: { tab: 'blocked' } },
  })
  for (const shop of ['shanyu-tmall', 'shanyu-taobao', 'shanyu-pdd'])
    await control('advance', { events: 60, births: 6, shop })
  await control('hostile', { shop: 'shanyu-taobao' })
  // The platform's lists show a change only some seconds later.
  await sleep(4000)
  await run('trade_list', { shop: 'shanyu-taobao' })
  await run('trade_detail', { shop: 'shanyu-taobao' })
  await run('refund_list')
  await control('expire-session', { shop: 'yunqi-tmall' })
  sandbox.world.refreshTokens.clear()
  await run('trade_list', { shop: 'yunqi-tmall' }).catch(() => undefined)
}

/** One shop confirms automatically, with one rule for the sale and one for every day. */
async function ruled(admin: House['admin'], shopId: string): Promise<void> {
  const path = `/api/confirm-rules/${shopId}`
  const { usual } = await asked<{ usual: Record<string, object> }>(admin, 'GET', path)
  const checks = { ...usual, amount_above: { on: true, yuan: 300 }, delay: { on: false } }
  const sale = { name: '双11', from: '2026-11-10T16:00:00Z', to: '2026-11-11T16:00:00Z', enabled: true }
  const rules = [
    { ...sale, checks },
    { name: '平日', from: null, to: null, enabled: true, checks },
  ]
  await asked(admin, 'PUT', path, { version: 0, rules })
}

/** Creates SKUs for most of the shops' goods, including a bundle and a retired one. */
async function catalogued(admin: House['admin']): Promise<void> {
  type Seen = { outerSkuId: string; outerItemId: string; title: string; spec: string; pictureUrl: string }
  const { rows } = await asked<{ rows: Seen[] }>(admin, 'GET', '/api/listings?limit=200')
  const skus = new Map<string, object>()
  for (const [n, { outerSkuId, outerItemId, title, spec, pictureUrl }] of rows.slice(0, 120).entries()) {
    if (outerSkuId === '' || n % 7 === 3) continue
    skus.set(outerSkuId, {
      code: outerSkuId,
      productCode: outerItemId || outerSkuId,
      name: title.replace(/^【[^】]*】/, ''),
      spec,
      pictureUrl,
      category: ['床品', '家居', '收纳'][n % 3],
      brand: '山隅',
      priceFen: 3900 + n * 700,
      referenceFen: 2900 + n * 500,
      weightG: 200 + n * 45,
      barcodes: [`69012345${String(10_000 + n)}`],
    })
  }
  const made = await asked<{ results: { id: string }[] }>(admin, 'POST', '/api/skus', {
    rows: [
      ...skus.values(),
      { code: 'SY-SET-1', name: '新居套餐', spec: '床品两件', category: '套餐', priceFen: 39_900 },
    ],
  })
  const ids = made.results.map((one) => one.id)
  const parts = ids.slice(0, 3).map((skuId, n) => ({ skuId, quantity: n + 1 }))
  await asked(admin, 'PUT', '/api/skus/parts', { rows: [{ id: ids.at(-1), parts }] })
  await asked(admin, 'POST', '/api/skus/retire', { ids: ids.slice(5, 7) })
}

/** Creates two warehouses with the demo's rules, and orders that followed them. */
async function chosen(admin: House['admin'], db: House['db']): Promise<void> {
  for (const [code, name] of [
    ['HZ', '杭州仓'],
    ['GZ', '广州仓'],
  ]) {
    const place = { province: '', city: '', kind: 'own', priority: 10 }
    await asked(admin, 'POST', '/api/warehouses', { code, name, ...place })
  }
  await ruleDemo(db)
  const { rows } = await asked<{ rows: { id: string }[] }>(admin, 'GET', '/api/orders?limit=40')
  await asked(admin, 'POST', '/api/orders/choose', {
    ids: rows.map(({ id }) => id),
    what: 'both',
  })
}

/** Puts goods into the first warehouse by an adjustment; another adjustment waits for approval. */
async function stocked(admin: House['admin']): Promise<void> {
  type Skus = { rows: { code: string; partCount: number }[] }
  const { rows: skus } = await asked<Skus>(admin, 'GET', '/api/skus?limit=100')
  const { rows: places } = await asked<{ rows: { id: string }[] }>(admin, 'GET', '/api/warehouses')
  const single = skus.filter(({ partCount }) => partCount === 0)
  const lines = single.slice(0, 60).map(({ code }, n) => ({ skuCode: code, quantity: 5 + ((n * 7) % 90) }))
  const write = (of: object[], note: string) =>
    asked<{ id: string }>(admin, 'POST', '/api/stock-documents', {
      kind: 'adjustment',
      warehouseId: places[0]?.id,
      lines: of,
      note,
    })
  const { id } = await write(lines, '期初库存')
  await write(lines.slice(0, 3), '盘盈')
  for (const step of ['approve', 'post'])
    await asked(admin, 'POST', `/api/stock-documents/${step}`, { ids: [id] })
}

/** Creates buyers with two orders, one of which cannot be merged; and an order that is split in two. */
async function twice(admin: House['admin']): Promise<void> {
  type Rows = { rows: { id: string }[] }
  const { rows } = await asked<Rows>(
    admin,
    'GET',
    '/api/orders?limit=12&tab=unconfirmed&held=false&short=false',
  )
  const copies = rows.slice(0, 3).flatMap(({ id }, n) =>
    Array.from({ length: n + 1 }, (_, at) => ({
      key: `picture-${n}-${at}`,
      orderId: id,
      kind: 'copy',
      lines: [{ lineNo: 1, quantity: 1 }],
    })),
  )
  type Made = { results: { id?: string }[] }
  const made = await asked<Made>(admin, 'POST', '/api/orders/copy', { copies })
  const last = made.results.at(-1)?.id
  await asked(admin, 'POST', '/api/orders/hold', { ids: [last], reason: 'ask_buyer' })
  const several = await asked<Rows>(admin, 'GET', '/api/orders?limit=1&tab=unconfirmed&severalLines=true')
  const parts = [{ lines: [{ lineNo: 1, quantity: 1 }] }]
  await asked(admin, 'POST', '/api/orders/split', { splits: [{ id: several.rows[0]?.id, parts }] })
}

/** Confirms and releases these orders, then ships some and enters waybills for some. */
async function shipped(admin: House['admin'], ids: string[]): Promise<void> {
  type Deliveries = { rows: { id: string; orderNo: string }[] }
  await asked(admin, 'POST', '/api/orders/confirm', { ids })
  await asked(admin, 'POST', '/api/orders/release', { ids })
  const { rows } = await asked<Deliveries>(admin, 'GET', '/api/deliveries?tab=pending&limit=50')
  const some = rows.slice(0, Math.ceil(rows.length / 2))
  const text = some.map(({ orderNo }, n) => `${orderNo} 中通 7830000000${10 + n}`).join('\n')
  await asked(admin, 'POST', '/api/deliveries/import', { text, ship: false })
  await asked(admin, 'POST', '/api/deliveries/ship', { ids: some.slice(1).map(({ id }) => id) })
}
