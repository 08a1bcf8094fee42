import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { branchAddress, labelBook } from '../../../sandbox/world/labels.ts'
import { wholeScope } from '../../core/access/actor.ts'
import { nextDocuments, type PrintRequest, printLabels } from '../../fulfilment/printing/print.ts'
import { type AccountInput, saveAccount } from '../../fulfilment/waybills/accounts.ts'
import { takeNumbers } from '../../fulfilment/waybills/take.ts'
import { packer, type ShippingHouse } from '../shipping.ts'
import { until } from '../until.ts'

const by = { actor: packer, scope: wholeScope }

/** Gives the shop an account of 圆通 at Cainiao. Returns its id. */
export function aWaybillAccount(house: ShippingHouse, own: Partial<AccountInput> = {}): Promise<string> {
  const [shop] = house.sandbox.world.shops
  if (!shop) throw new Error('no shop')
  const account = {
    ...{
      shopId: house.shopId,
      source: 'cainiao',
      courier: 'YTO',
      branchCode: 'YTO571001',
      branchName: '余杭',
    },
    sender: {
      name: '发货员',
      mobile: '13900001111',
      phone: '',
      address: { ...branchAddress(shop), town: '' },
    },
    ...{ templateName: '一联单', templateUrl: 'http://cloudprint.cainiao.com/template/standard/101/1' },
    ...{ warehouseId: null, enabled: true, ...own },
  }
  return house.run((tx) => saveAccount(tx, house, account, by))
}

/** Returns the numbers that the platform gave for a trade, the oldest first. */
export function labelsOf(house: ShippingHouse, tid: string) {
  const [shop] = house.sandbox.world.shops
  return shop ? labelBook(house.sandbox.world.labels, shop).filter(({ tids }) => tids.includes(tid)) : []
}

/** Returns the requests of a delivery, the first one first, as "state number-on-delivery?". */
export async function requestsOf(house: ShippingHouse, deliveryId: string): Promise<string[]> {
  const found = await sql<{ text: string }>`
    select w.state || case when w.waybill_no <> '' and w.waybill_no = d.waybill_no then ' on it' else '' end as text
    from waybill w join delivery d on d.id = w.delivery_id where d.id = ${deliveryId} order by w.round`.execute(
    house.db,
  )
  return found.rows.map(({ text }) => text)
}

/** Waits until no request is open and no number is on its way back. */
export const numbersSettled = (house: ShippingHouse, timeoutMs?: number) =>
  until(async () => {
    const open = await sql`select from waybill where state in ('asked', 'returning') limit 1`.execute(
      house.db,
    )
    return open.rows.length === 0
  }, timeoutMs)

/** Takes numbers for these deliveries, and waits until they have come. */
export async function numbered(house: ShippingHouse, ids: readonly string[]): Promise<void> {
  await house.run((tx) => takeNumbers(tx, ids, by))
  const outbox = house.outbox()
  await numbersSettled(house)
  await outbox.stop()
}

/** Prints the labels of all packages of a delivery; those of `failing` (from 1) do not come out. Returns the job. */
export async function printPackages(
  fixture: ShippingHouse,
  id: string,
  failing: readonly number[] = [],
  asked: Partial<PrintRequest> = {},
): Promise<{ job: string; contents: unknown[] }> {
  const { job } = await fixture.run((tx) =>
    printLabels(tx, { ids: [id], printer: '', reason: '', ...asked }, by),
  )
  const jobId = job ?? assert.fail('no label is printed')
  const documents = await fixture.run((tx) =>
    nextDocuments(tx, fixture.ring, { jobId, results: [], most: 50 }, by),
  )
  const results = documents.map(({ seq }) => ({ seq, printed: !failing.includes(seq), message: '' }))
  await fixture.run((tx) => nextDocuments(tx, fixture.ring, { jobId, results, most: 0 }, by))
  return { job: jobId, contents: documents.map(({ contents }) => contents[0]) }
}

/** Puts the orders of these deliveries into one merged shipment. */
export async function inOneParcel(house: ShippingHouse, deliveryIds: readonly string[]): Promise<void> {
  await sql`
    with number as (select nextval('parcel_id') as parcel),
    mates as (
      update delivery d set parcel = n.parcel, beside = d.order_id <> (
        select min(order_id) from delivery where id = any(${[...deliveryIds]}::bigint[]))
      from number n where d.id = any(${[...deliveryIds]}::bigint[]) returning d.order_id, n.parcel
    ), members as (insert into parcel_order (parcel, order_id) select parcel, order_id from mates)
    update sales_order o set parcel = m.parcel from mates m where o.id = m.order_id`.execute(house.db)
}
