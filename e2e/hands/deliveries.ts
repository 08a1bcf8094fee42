import { randomUUID } from 'node:crypto'
import { call, type Deeds, distinct, list, type Person, press, some } from './person.ts'

export type DeliveryRow = {
  id: string
  no: string
  shopId: string
  tid: string
  orderId: string
  waybillNo: string
  packageCount: number
}

export const deliveriesIn = (me: Person, tab: string, filter = '') =>
  list<DeliveryRow>(me, `/api/deliveries?tab=${tab}&limit=50${filter}`)

/** From an order to a parcel with a number, and back. */
export const deliveryDeeds: Deeds = [
  [['confirm', (me) => onOrders(me, 'unconfirmed', 'confirm')], 3],
  [['release', (me) => onOrders(me, 'confirmed', 'release')], 3],
  [['take numbers', takeNumbers], 5],
  [['make an own order', makeOwn], 3],
  [['packages', packages], 2],
  [['type waybills', typeWaybills], 3],
  [['give numbers back', giveBack], 2],
  [['take back', (me) => onDeliveries(me, 'pending', 'unrelease', 2)], 2],
  [['hold a parcel', hold], 2],
  [['undo shipping', (me) => onDeliveries(me, 'shipped', 'unship', 2)], 2],
  [['write again', writeAgain], 2],
  [['change waybills', changeWaybills], 2],
]

export async function onOrders(me: Person, tab: string, verb: string): Promise<void> {
  const rows = await list(me, `/api/orders?tab=${tab}&held=false&short=false&limit=50`)
  const ids = distinct(some(me, rows, 25))
  if (ids.length > 0) await press(me, `/api/orders/${verb}`, { ids })
}

async function onDeliveries(me: Person, tab: string, verb: string, most: number): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, tab), most))
  if (ids.length > 0) await press(me, `/api/deliveries/${verb}`, { ids })
}

export async function takeNumbers(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'number'), 30))
  if (ids.length > 0) await press(me, '/api/deliveries/take-numbers', { ids })
}

/** Sets that parcels consist of two or three packages, or of one again, and takes their numbers. */
async function packages(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'number', '&courier=SF'), 4))
  if (ids.length === 0) return
  await press(me, '/api/deliveries/set-packages', { ids, packages: me.random.between(1, 3) })
  await press(me, '/api/deliveries/take-numbers', { ids })
}

/** Types numbers, mostly for platforms on which few shops take them; now and then one that another parcel has. */
export async function typeWaybills(me: Person): Promise<void> {
  const silent = me.house.shops.filter(({ platform }) =>
    ['weixin', 'doudian', 'kuaishou', 'jd', 'xiaohongshu', 'woocommerce', 'shopify'].includes(platform),
  )
  const shops = me.random.chance(0.8) ? `&shop=${silent.map(({ id }) => id).join()}` : ''
  const chosen = await deliveriesIn(me, me.random.chance(0.9) ? 'number' : 'pending', shops)
  const rows = distinct(some(me, chosen, 12)).map((id) => ({
    ...{ id, courier: 'YTO' },
    waybillNo: `YT9${String(me.random.chance(0.05) ? 1 : Number(id)).padStart(12, '0')}`,
  }))
  if (rows.length > 0) await press(me, '/api/deliveries/waybills', { rows })
}

async function giveBack(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'pending', '&waybill=yes'), 3))
  const courier = me.random.chance(0.5) ? { courier: me.random.pick(['SF', 'YTO', 'ZTO']) } : {}
  if (ids.length > 0) await press(me, '/api/deliveries/give-back-numbers', { ids, ...courier })
}

/** Holds the order of a parcel that waits, and lets another go on. */
async function hold(me: Person): Promise<void> {
  const [one] = await deliveriesIn(me, 'pending', `&sort=${me.random.pick(['createdAt', '-createdAt'])}`)
  if (!one) return
  if (me.random.chance(0.3))
    await press(me, '/api/orders/hold', { ids: [one.orderId], reason: 'ask_buyer', note: '等买家回复' })
  else await press(me, '/api/orders/release-hold', { ids: [one.orderId] })
}

async function writeAgain(me: Person): Promise<void> {
  const ids = distinct(some(me, await deliveriesIn(me, 'failed'), 3))
  if (ids.length === 0) return
  if (me.random.chance(0.5)) await press(me, '/api/deliveries/write-again', { ids, reason: '再试一次' })
  else await call(me, 'POST', '/api/deliveries/take-waybill', { ids })
}

/** 改运单, now and then with a number that no courier has. */
async function changeWaybills(me: Person): Promise<void> {
  const chosen = await deliveriesIn(me, me.random.chance(0.7) ? 'shipped' : 'failed')
  const rows = distinct(some(me, chosen, 3)).map((id) => ({
    ...{ id, courier: 'YTO' },
    waybillNo: me.random.chance(0.1)
      ? `WRONG-${id}`
      : `YT8${String(Number(id) * 100 + me.random.between(0, 99)).padStart(12, '0')}`,
  }))
  if (rows.length > 0) await press(me, '/api/deliveries/change-waybill', { rows, reason: '面单贴错' })
}

/** 手工建单: an order with the receiver in plain text, whose number therefore comes from the shop's own account at 快递100. */
async function makeOwn(me: Person): Promise<void> {
  const [shop] = me.house.shops
  const skus = await list<{ id: string; partCount: number }>(me, '/api/skus?limit=50')
  const single = skus.filter(({ partCount }) => partCount === 0)
  if (!shop || single.length === 0) return
  const place = { province: '浙江省', city: '杭州市', district: '西湖区' }
  const order = {
    ...{ key: randomUUID(), shopId: shop.id, courier: 'JTSD', paid: true },
    receiver: { ...place, name: '手工单', mobile: '13700000000', address: '不存在的路 9 号 3 幢' },
    lines: [{ skuId: me.random.pick(single).id, quantity: me.random.between(1, 2), priceFen: 9900 }],
  }
  await press(me, '/api/orders', { orders: [order] })
}
