import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { sql } from 'kysely'
import { labelBook } from '../sandbox/world/labels.ts'
import { readBooks } from './check/books.ts'
import { checkDesk } from './check/desk.ts'
import { type LeavingHouse, openLeavingHouse } from './leaving.ts'
import { rowsOf } from './one-shop.ts'

// From released to shipped and written back, for a Taobao and a Pinduoduo shop, in warehouses that demand labels, waves and checks, while
// answers of the platforms are lost. At the end their books and our tables are compared. LEAVING_ORDERS sets the number of orders.

const orders = Number(process.env['LEAVING_ORDERS'] ?? 24)

let house: LeavingHouse
before(async () => {
  house = await openLeavingHouse()
  await house.release(orders / 2)
})
after(() => house[Symbol.asyncDispose]())

/** Of the calls that have an effect, one in twenty-five has no answer; of the first calls, one. */
async function loseAnswers(): Promise<void> {
  const [taobao = '', pinduoduo = ''] = house.keys
  for (const [shop, method] of [
    [taobao, 'cainiao.waybill.ii.get'],
    [taobao, 'taobao.logistics.*'],
    [pinduoduo, 'pdd.logistics.online.send'],
  ]) {
    const lost = { kind: 'timeout-after', shop, method, ms: 100 }
    await house.control('faults', { ...lost, count: 1 })
    await house.control('faults', { ...lost, count: 1_000_000, probability: 0.04 })
  }
}

type Ours = { tid: string; waybill: string; pieces: number; labels: number; told: boolean }

test(`${orders} released orders are shipped and written back, and all books are equal`, {
  timeout: 3_600_000,
}, async (t) => {
  await loseAnswers()
  const began = performance.now()
  const seconds = () => Number(((performance.now() - began) / 1000).toFixed(1))
  await house.number()
  const numbered = seconds()
  const printed = await house.print()
  const labelled = seconds()
  const waves = await house.pick()
  const picked = seconds()
  await house.ship()
  const shipped = seconds()
  await house.writtenBack()
  t.diagnostic(
    `${orders} orders in ${seconds()} s: numbers after ${numbered} s, labels ${labelled}, ${waves} waves ${picked}, shipped ${shipped}`,
  )
  const rows = await rowsOf<Ours>(
    house.db,
    sql`
      select o.tid, d.waybill_no as waybill, o.written_back_at is not null and o.status = 'shipped' as told,
        (select coalesce(-sum(quantity), 0)::int from stock_movement where document_kind = 'order' and document_id = o.id) as pieces,
        (select count(*)::int from print_document p join waybill w on w.id = p.waybill_id where w.delivery_id = d.id and p.state = 'printed') as labels
      from sales_order o join delivery d on d.order_id = o.id order by o.tid`,
  )
  const shops = await readBooks(`${house.sandbox.url}/control`)
  const theirs = shops.flatMap(({ key, trades }) => {
    const shop = house.sandbox.world.shops.find((one) => one.key === key) ?? assert.fail()
    const labels = Map.groupBy(
      labelBook(house.sandbox.world.labels, shop).filter(({ cancelled }) => !cancelled),
      ({ tids }) => tids.join(),
    )
    return [...trades.values()].map(({ tid, lines }): Ours => {
      const [label, ...others] = labels.get(tid) ?? []
      assert.deepEqual(others, [], `${tid} has two numbers`)
      assert.deepEqual(
        lines.map(({ waybill }) => waybill),
        lines.map(() => label?.waybill),
      )
      const sealed = house.sandbox.world.labels.byWaybill.get(label?.waybill ?? '')
      assert.deepEqual(printed.get(tid), JSON.parse(sealed?.printData ?? ''), `${tid} got another label`)
      const pieces = lines.reduce((sum, { num }) => sum + num, 0)
      return {
        tid,
        waybill: label?.waybill ?? '',
        pieces,
        labels: 1,
        told: lines.every((line) => line.shipments === 1),
      }
    })
  })
  assert.equal(printed.size, orders)
  assert.equal(rows.length, orders)
  assert.deepEqual(
    rows,
    theirs.toSorted((a, b) => (a.tid < b.tid ? -1 : 1)),
  )
  assert.deepEqual(await checkDesk(house.client), [])
})
