import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../server/testing/until.ts'
import { asked, type House } from './house.ts'

const shop = 'shanyu-tmall'
const hour = 3600

type Caller = House['admin']
type Rows<Row> = { rows: Row[] }
type Order = { id: string; no: string; tid: string }
type Made = { results: { id: string; done: boolean; returnId?: string; code?: string }[] }

/** Creates refunds at every step of an order, and their work for the warehouse: parcels, goods to put back, returns. */
export async function afterSale(house: House): Promise<void> {
  const { admin } = house
  const codes = await plenty(admin, house)
  const orders = await sold(house, codes)
  const [waiting, picked, leaving, gone] = [
    orders.slice(0, 5),
    orders.slice(5, 9),
    orders.slice(9, 13),
    orders.slice(13),
  ]
  await release(admin, [...picked, ...leaving, ...gone])
  await ship(admin, gone, 783_000_000_100)
  await told(admin, gone)
  const before = await Promise.all([
    ...waiting.map(({ tid }, n) => refund(house, tid, { reason: reasons[n], deadlineIn: (n + 2) * hour })),
    ...picked.map(({ tid }, n) =>
      refund(house, tid, { reason: reasons[n + 2], deadlineIn: (n + 20) * hour }),
    ),
  ])
  const parcels = leaving.map(({ tid }, n) =>
    refund(house, tid, { reason: reasons[n], deadlineIn: (3 * n + 3) * hour }),
  )
  const after = await Promise.all([
    ...parcels,
    ...gone
      .slice(0, -3)
      .map(({ tid }, n) => refund(house, tid, { ...afterShipping[n % afterShipping.length] })),
  ])
  await listed(house, [...before, ...after])
  await leave(house, leaving)
  await convert(admin, [...before.slice(2), ...after])
  await decide(house, [...before, ...after])
  await backInStock(house, gone, codes)
}

const reasons = ['不想要了', '拍错/多拍', '信息填写错误，重新拍', '未按约定时间发货', '缺货', '协商一致退款']

const afterShipping = [
  { kind: 'REFUND', reason: '快递一直没送到', deadlineIn: 30 * hour },
  { kind: 'REFUND_AND_RETURN', reason: '质量问题', deadlineIn: 60 * hour },
  { kind: 'REFUND_AND_RETURN', reason: '尺寸与描述不符', deadlineIn: 80 * hour },
  { kind: 'REFUND', reason: '少件/漏发', fee: 1500, deadlineIn: 40 * hour },
  { kind: 'TMALL_EXCHANGE', reason: '卖家发错货', deadlineIn: 90 * hour },
]

/** Returns a few goods of the shop and gives each warehouse enough stock of them. */
async function plenty(admin: Caller, { sandbox }: House): Promise<string[]> {
  const { rows: skus } = await asked<Rows<{ code: string; partCount: number }>>(
    admin,
    'GET',
    '/api/skus?limit=100',
  )
  const ours = new Set(skus.filter(({ partCount }) => partCount === 0).map(({ code }) => code))
  const answer = await fetch(`${sandbox.url}/control/listings/${shop}`)
  const { listings }: { listings: { skus: { outerId: string }[] }[] } = await answer.json()
  const codes = listings.flatMap((listing) => listing.skus.slice(0, 1).map(({ outerId }) => outerId))
  const chosen = codes.filter((code) => ours.has(code)).slice(0, 7)
  const { rows: places } = await asked<Rows<{ id: string }>>(admin, 'GET', '/api/warehouses')
  for (const { id: warehouseId } of places) {
    const lines = chosen.map((skuCode) => ({ skuCode, quantity: 80 }))
    const document = { kind: 'adjustment', warehouseId, lines, note: '到货' }
    const { id } = await asked<{ id: string }>(admin, 'POST', '/api/stock-documents', document)
    for (const step of ['approve', 'post'])
      await asked(admin, 'POST', `/api/stock-documents/${step}`, { ids: [id] })
  }
  return chosen
}

/** Creates two dozen paid trades of these goods and converts them to orders without holds. */
async function sold(house: House, codes: readonly string[]): Promise<Order[]> {
  const { admin, control, run } = house
  const now = Math.floor(Date.now() / 1000)
  const tids: string[] = []
  for (let n = 0; n < 24; n += 1) {
    const made = await control('trades', {
      shop,
      count: 1,
      status: 'WAIT_SELLER_SEND_GOODS',
      type: 'fixed',
      lines: [{ outerId: codes[n % codes.length], num: 1 + ((n + 1) % 3) }],
      memo: '',
      flag: 0,
      message: '',
      hold: '',
      created: now - (n + 3) * hour,
      // A present modified time, so that the next list contains the trade.
      modified: now,
    })
    tids.push(/"tids":\["(\d+)"/.exec(JSON.stringify(made))?.[1] ?? '')
  }
  const path = `/api/staged-trades?limit=50&tids=${tids.join(',')}`
  const staged = () => asked<Rows<{ id: string; tid: string }>>(admin, 'GET', path)
  await until(async () => {
    await run('trade_list', { shop })
    await run('trade_detail', { shop })
    return (await staged()).rows.length === tids.length
  }, 60_000)
  await asked(admin, 'POST', '/api/staged-trades/convert', { ids: (await staged()).rows.map(({ id }) => id) })
  const all = `/api/orders?limit=50&tids=${tids.join(',')}`
  const { rows } = await asked<Rows<Order>>(admin, 'GET', all)
  return rows.sort((a, b) => tids.indexOf(a.tid) - tids.indexOf(b.tid))
}

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id)

async function release(admin: Caller, orders: readonly Order[]): Promise<void> {
  await asked(admin, 'POST', '/api/orders/confirm', { ids: idsOf(orders) })
  await asked(admin, 'POST', '/api/orders/release', { ids: idsOf(orders) })
}

async function ship(admin: Caller, orders: readonly Order[], from: number): Promise<void> {
  const text = orders.map(({ no }, n) => `${no} 中通 ${from + n}`).join('\n')
  await asked(admin, 'POST', '/api/deliveries/import', { text, ship: true })
}

/** Waits until the shipments of these orders are written back. */
async function told(admin: Caller, orders: readonly Order[]): Promise<void> {
  await until(async () => {
    const { tabs } = await asked<{ tabs: Record<string, { count: number }> }>(
      admin,
      'GET',
      '/api/platform-actions/counts?kind=trade.ship',
    )
    return (tabs['succeeded']?.count ?? 0) >= orders.length && tabs['pending']?.count === 0
  }, 60_000)
}

/** Ships orders while the platform refuses write-backs, so that their refunds arrive before the platform knows of the shipment. */
async function leave({ admin, control }: House, orders: readonly Order[]): Promise<void> {
  const method = 'taobao.logistics.offline.send'
  await control('faults', { kind: 'isp', shop, method, count: 3 * orders.length })
  await ship(admin, orders, 783_000_000_200)
}

async function refund(house: House, tid: string, how: object): Promise<string> {
  const made = await house.control('refunds', { tid, kind: 'REFUND', constraint: '', ...how })
  return /"refundId":"(\d+)"/.exec(JSON.stringify(made))?.[1] ?? ''
}

/** Returns the ids of waiting and of converted refunds. */
async function refundIds(admin: Caller, numbers: readonly string[]): Promise<string[]> {
  type Found = Rows<{ id: string; refundNo: string }>
  const path = `/api/staged-refunds?limit=100&refundNos=${numbers.join(',')}`
  const open = await asked<Found>(admin, 'GET', path)
  const history = await asked<Found>(admin, 'GET', `${path}&tab=history`)
  const rows = [...open.rows, ...history.rows]
  return numbers.flatMap((no) => rows.find(({ refundNo }) => refundNo === no)?.id ?? [])
}

/** Runs the download until we have these refunds: the platform's list shows a change only some seconds later. */
async function listed({ admin, run }: House, numbers: readonly string[]): Promise<void> {
  await until(async () => {
    await sleep(1500)
    await run('refund_list', { shop })
    return (await refundIds(admin, numbers)).length === numbers.length
  }, 60_000)
}

async function convert(admin: Caller, numbers: readonly string[]): Promise<void> {
  await asked(admin, 'POST', '/api/staged-refunds/convert', { ids: await refundIds(admin, numbers) })
}

/** Decides on the refunds: sets who is responsible, intercepts or misses parcels, pays some, and sends some goods back. */
async function decide(house: House, numbers: readonly string[]): Promise<void> {
  const { admin, control, run } = house
  const ids = await refundIds(admin, numbers)
  for (const [n, duty] of ['buyer', 'seller', 'warehouse', 'courier'].entries())
    await asked(admin, 'POST', '/api/aftersale/duty', { ids: [ids[3 * n + 2]], duty })
  const recalled = await asked<Rows<{ id: string }>>(admin, 'GET', '/api/intercepts?tab=recall&limit=10')
  const [first, second] = recalled.rows
  if (first) await asked(admin, 'POST', '/api/intercepts/ask', { ids: [first.id], note: '已打快递电话' })
  if (second) await asked(admin, 'POST', '/api/intercepts/miss', { ids: [second.id], note: '已派送' })
  for (const no of numbers.slice(5, 8)) await control(`refunds/${no}/succeed`, {})
  for (const no of numbers.slice(14, 16)) {
    await control(`refunds/${no}/agree`, {})
    await control(`refunds/${no}/return`, {})
  }
  await sleep(3000)
  await run('refund_list', { shop })
}

/**
 * Creates returns by hand beside those of refunds: one with missing pieces, one damaged, one refused by the buyer; and parcels without an
 * owner.
 */
async function backInStock(
  { admin }: House,
  gone: readonly Order[],
  codes: readonly string[],
): Promise<void> {
  const byHand = []
  for (const [n, { id }] of gone.slice(-3).entries()) {
    const { rows } = await asked<Rows<{ lineNo: number; left: number }>>(
      admin,
      'GET',
      `/api/orders/${id}/returnable`,
    )
    byHand.push({
      orderId: id,
      kind: n === 2 ? 'exchange' : 'return',
      reason: ['七天无理由', '有色差', '换大一号'][n],
      courier: 'YTO',
      waybillNo: `YT88000${n}1234`,
      lines: rows.map(({ lineNo, left }) => ({ lineNo, quantity: left })),
    })
  }
  const { results } = await asked<Made>(admin, 'POST', '/api/returns', { returns: byHand })
  const made = results.flatMap(({ returnId }) => returnId ?? [])
  await asked(admin, 'POST', '/api/returns/confirm', { ids: made })
  const { rows } = await asked<
    Rows<{ id: string; version: number; lines: { lineNo: number; quantity: number }[] }>
  >(admin, 'GET', `/api/returns?tab=all&limit=10&ids=${made.slice(0, 2).join(',')}`)
  for (const [n, { id, version, lines }] of rows.entries())
    await asked(admin, 'POST', '/api/returns/receipts', {
      receipts: [
        {
          id,
          version,
          lines: lines.map(({ lineNo, quantity }) =>
            n === 0
              ? { lineNo, good: quantity - 1, defective: 0 }
              : { lineNo, good: quantity - 1, defective: 1 },
          ),
          ...(n === 0 ? { wrong: [{ skuCode: codes.at(-1), quantity: 1, note: '不是我们的款' }] } : {}),
        },
      ],
    })
  const { rows: places } = await asked<Rows<{ id: string }>>(admin, 'GET', '/api/warehouses')
  const parcel = (waybillNo: string, note: string, lines: { code: string | undefined; good: number }[]) => ({
    warehouseId: places[0]?.id,
    courier: 'ZTO',
    waybillNo,
    note,
    lines: lines.map(({ code, good }) => ({ skuCode: code, good, defective: 0 })),
  })
  await asked(admin, 'POST', '/api/unclaimed-parcels', {
    parcels: [
      parcel('ZT5521000317', '面单湿了，看不清寄件人', [{ code: codes[1], good: 1 }]),
      parcel('ZT5521000642', '里面有纸条：换 L 码', [
        { code: codes[2], good: 2 },
        { code: codes[3], good: 1 },
      ]),
      parcel('', '没有面单', [{ code: codes[0], good: 1 }]),
    ],
  })
}
