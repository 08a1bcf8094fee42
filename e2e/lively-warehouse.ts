import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { connectDemo } from '../server/start/demo.ts'
import type { Caller } from '../server/testing/app.ts'
import { until } from '../server/testing/until.ts'
import { asked, type House } from './house.ts'

/** What the pictures of the warehouse show. */
export type WarehouseDay = {
  /** A wave that is being picked on the phone, and one that is being sorted into baskets; empty: there is none. */
  picking: string
  sorting: string
  /** An order whose parcel has left. */
  shippedOrder: string
}

/** The station with a parcel in the middle of its check, and the one with a parcel that a refund has stopped. */
export const stations = ['2 号台', '3 号台'] as const

type Delivery = { id: string; orderId: string; tid: string; waybillNo: string; quantity: number }
type Rows<Row> = { rows: Row[] }

/**
 * A day in the warehouse of the demo: numbers, labels, waves and stations, each with something done and something that waits. The shops
 * have their goods, accounts, bins and rules from the demo itself.
 */
export async function warehouseDay(house: House): Promise<WarehouseDay> {
  const { admin, config, db, sandbox } = house
  for (const shop of Object.keys(house.shops)) await paidTrades(house, shop)
  await house.download()
  await connectDemo(config, config.databaseUrl ?? '', sandbox.url)
  await house.run('listings')
  await sql`update role set name = '仓库主管', name_en = 'Warehouse lead' where length(name) > 40`.execute(db)
  await sql`
    update app_user set name = '赵敏', email = 'zhaomin@example.com' where id = ${admin.userId}::bigint`.execute(
    db,
  )
  const warehouseId = await ownWarehouse(house)
  await released(admin)
  await numbered(house, 60)
  await printed(admin, 44)
  const waves = await waved(house, warehouseId)
  await numbered(house, 30)
  return { ...waves, shippedOrder: await atStations(house) }
}

/** Paid trades of the last hours, so that parcels wait and none is late. */
async function paidTrades({ control }: House, shop: string): Promise<void> {
  const created = Math.floor(Date.now() / 1000) - 5 * 3600
  await control('trades', {
    ...{ shop, count: 45, status: 'WAIT_SELLER_SEND_GOODS', type: 'fixed', flag: 0 },
    ...{ spreadSeconds: 4 * 3600, created },
  })
}

/** The first warehouse requires all that its stations can do. */
async function ownWarehouse({ admin }: House): Promise<string> {
  const { rows } = await asked<Rows<{ id: string; code: string }>>(admin, 'GET', '/api/warehouses')
  const id = rows.find(({ code }) => code === 'HZ')?.id ?? ''
  await asked(admin, 'PATCH', `/api/warehouses/${id}`, { shipSteps: ['print', 'check', 'weigh'] })
  return id
}

async function released(admin: Caller): Promise<void> {
  const idsOf = async (path: string) =>
    (await asked<Rows<{ id: string }>>(admin, 'GET', path)).rows.map(({ id }) => id)
  for (let page = 0; page < 3; page += 1) {
    const ids = await idsOf('/api/staged-trades?limit=100&reason=none')
    if (ids.length > 0) await asked(admin, 'POST', '/api/staged-trades/convert', { ids })
  }
  for (let page = 0; page < 3; page += 1) {
    const ids = await idsOf('/api/orders?tab=unconfirmed&held=false&short=false&limit=100')
    if (ids.length > 0) await asked(admin, 'POST', '/api/orders/confirm', { ids })
  }
  for (let page = 0; page < 3; page += 1) {
    const ids = await idsOf('/api/orders?tab=confirmed&limit=100')
    if (ids.length > 0) await asked(admin, 'POST', '/api/orders/release', { ids })
  }
}

const deliveriesOf = async (admin: Caller, query: string) =>
  (await asked<Rows<Delivery>>(admin, 'GET', `/api/deliveries?${query}`)).rows

/** Takes numbers for at most `most` deliveries, and waits until they are there. */
async function numbered({ admin, db }: House, most: number): Promise<void> {
  const ids = (await deliveriesOf(admin, `tab=number&limit=${most}`)).map(({ id }) => id)
  if (ids.length === 0) return
  await asked(admin, 'POST', '/api/deliveries/take-numbers', { ids })
  await until(async () => {
    const open = await sql`select from waybill where state = 'asked'`.execute(db)
    return open.rows.length === 0
  }, 60_000)
}

type Handed = { documents: { seq: number }[] }

/** Prints at most `most` labels, as a browser beside a print client reports it. */
async function printed(admin: Caller, most: number): Promise<void> {
  const ids = (await deliveriesOf(admin, `tab=print&limit=${most}`)).map(({ id }) => id)
  if (ids.length === 0) return
  const { job } = await asked<{ job: string | null }>(admin, 'POST', '/api/print-jobs', {
    ...{ ids, printer: '', reason: '' },
  })
  let results: { seq: number; printed: boolean; message: string }[] = []
  for (let at = 0; job !== null && at < most; at += 1) {
    const path = `/api/print-jobs/${job}/next`
    const { documents } = await asked<Handed>(admin, 'POST', path, { results, most: 20 })
    if (documents.length === 0) return
    results = documents.map(({ seq }) => ({ seq, printed: true, message: '' }))
  }
}

type Line = { seq: number; wanted: number; done: boolean }

/** Makes the waves; one is half picked, one is picked and half sorted, one is done. */
async function waved(house: House, warehouseId: string): Promise<Pick<WarehouseDay, 'picking' | 'sorting'>> {
  const { admin } = house
  await asked(admin, 'POST', '/api/waves/plan', { warehouseId })
  type Wave = { id: string; sorting: string; pieceCount: number }
  const { rows } = await asked<Rows<Wave>>(admin, 'GET', '/api/waves?tab=all&limit=50')
  const together = rows.find(({ sorting }) => sorting === 'picking')
  const after = rows.filter(({ sorting }) => sorting === 'after')
  const pick = async (wave: Wave | undefined, share: number) => {
    if (!wave) return
    await asked(admin, 'POST', '/api/waves/claim', { ids: [wave.id], takeOver: false })
    const { lines } = await asked<{ lines: Line[] }>(admin, 'GET', `/api/waves/${wave.id}`)
    for (const { seq, wanted } of lines.slice(0, Math.ceil(lines.length * share)))
      await asked(admin, 'POST', `/api/waves/${wave.id}/pick`, { key: key(), seq, pieces: wanted })
  }
  await pick(together, 0.4)
  await pick(after[0], 1)
  await sorted(admin, after[0]?.id)
  return { picking: together?.id ?? '', sorting: after[0]?.id ?? '' }
}

/** Sorts the first goods of a wave into their baskets. */
async function sorted(admin: Caller, waveId: string | undefined): Promise<void> {
  if (waveId === undefined) return
  type Goods = { code: string; picked: number }
  const { lines } = await asked<{ lines: Goods[] }>(admin, 'GET', `/api/waves/${waveId}`)
  for (const { code, picked } of lines.slice(0, Math.ceil(lines.length / 2)))
    for (let piece = 0; piece < picked; piece += 1)
      await asked(admin, 'POST', `/api/waves/${waveId}/sort`, { key: key(), code })
}

type Parcel = {
  lines: { code: string; wanted: number; counted: number }[]
  expectedGrams: number | null
  workState: string
}
type Answer = { verdict: { kind: string }; parcel: Parcel | null }

/** Two stations check, weigh and ship. One has a parcel on it in the middle of its check; at the other one a refund stops the parcel. */
async function atStations(house: House): Promise<string> {
  const { admin, db } = house
  await sql`update sku set weight_g = 600 where weight_g is null`.execute(db)
  const ready = await deliveriesOf(admin, 'tab=check&limit=40')
  const many = ready.filter(({ quantity }) => quantity > 2)
  const [checking, stopped] = many
  let shipped = ''
  for (const [n, parcel] of ready.filter((one) => one !== checking && one !== stopped).entries())
    if (n < 16 && (await packed(admin, parcel, stations[n % 2] ?? ''))) shipped ||= parcel.orderId
  if (checking) await scanned(admin, stations[0], checking, 2)
  if (stopped) {
    await scanned(admin, stations[1], stopped, 1)
    await house.control('refunds', { tid: stopped.tid, kind: 'REFUND' })
    await sleep(4000)
    await house.run('refund_list')
    await scan(admin, stations[1], stopped.waybillNo)
  }
  return shipped
}

const scan = (admin: Caller, station: string, code: string) =>
  asked<Answer>(admin, 'POST', '/api/stations/scan', { station, key: key(), code })

/** Opens a parcel at a station and scans at most `most` of its pieces. */
async function scanned(
  admin: Caller,
  station: string,
  { waybillNo }: Delivery,
  most: number,
): Promise<Parcel | null> {
  const { parcel } = await scan(admin, station, waybillNo)
  const codes = (parcel?.lines ?? []).flatMap(({ code, wanted }) =>
    Array.from({ length: wanted }, () => code),
  )
  for (const code of codes.slice(0, most)) await scan(admin, station, code)
  return parcel
}

/** Checks, weighs and ships a parcel at a station; false: it is not shipped. */
async function packed(admin: Caller, parcel: Delivery, station: string): Promise<boolean> {
  const { expectedGrams } = (await scanned(admin, station, parcel, 1000)) ?? {}
  const weight = { station, key: key(), grams: expectedGrams ?? 600 }
  const last = await asked<Answer>(admin, 'POST', '/api/stations/weigh', weight)
  return last.verdict.kind === 'shipped'
}

let keys = 0
const key = () => {
  keys += 1
  return `picture-${keys}-${Date.now()}`
}
