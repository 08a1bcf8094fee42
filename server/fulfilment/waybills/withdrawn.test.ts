import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import type { Refund } from '../../connectors/connector.ts'
import { systemActor, wholeScope } from '../../core/access/actor.ts'
import { openDatabase, type Tx } from '../../core/db/db.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { shipDeliveries } from '../../flows/ship.ts'
import { convertRefunds } from '../../intake/refunds/convert-refunds.ts'
import { ingestRefunds } from '../../intake/refunds/ingest-refunds.ts'
import { memoryKeyRing } from '../../lib/seal.ts'
import { testDatabase } from '../../testing/database.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { workTwice } from '../../testing/refund-versions.ts'
import { must } from '../../testing/run.ts'
import { byPacker as by } from '../../testing/shipping.ts'
import { jobs } from '../../worker.ts'
import { fulfilmentJobs } from '../jobs.ts'
import { releaseOrders } from '../shipping/release.ts'

/** 200 in the gate; `PRINTED_ORDERS=2000` measures a day. */
const count = Number(process.env['PRINTED_ORDERS'] ?? 200)
const applying = count / 20
const withdrawing = (applying * 3) / 5

test('refunds that buyers apply for and withdraw cost no number and no label', async (t) => {
  await using base = await testDatabase()
  const house = openDatabase(base.url, { max: 6 })
  const { db } = house
  await createQueues(db, jobs)
  const run = <T>(work: (tx: Tx) => Promise<T>) => db.transaction().execute(work)
  const shopId = await aShop(db)
  const tids = new Map<string, string>()
  for (let at = 0; at < count; at += 1) {
    const { id, tid } = await anOrder(db, { shopId, status: 'confirmed', matched: at === 0 })
    tids.set(id, tid)
  }
  must(await run((tx) => releaseOrders(tx, [...tids.keys()], by)))
  await sql`
    with account as (
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      values (${shopId}, 'cainiao', 'YTO', '', 'http://x', '周强') returning id
    ), numbered as (
      update delivery set courier = 'YTO', waybill_no = 'YT' || (880000000 + id), labelled = true, printed_at = now(),
        printed_by = '周强', checked_at = now(), checked_by = '周强' where status = 'pending' returning id, waybill_no
    ), number as (
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      select n.id, 1, a.id, ${shopId}, 'YTO', 'taken', n.waybill_no, '', '周强' from numbered n, account a returning id
    ), job as (insert into print_job (printer, created_by, created_by_id) values ('', '周强', '9') returning id)
    insert into print_document (job_id, seq, waybill_id, state, spooled_at, ended_at)
    select job.id, row_number() over (order by number.id), number.id, 'printed', now(), now() from number, job`.execute(
    db,
  )
  const facts = async () =>
    (
      await sql`
        select d.id, d.status, d.standing, d.courier, d.waybill_no, d.printed_at, d.checked_at, w.id as number, w.state, w.wanted, p.state as print, o.status as order
        from delivery d join sales_order o on o.id = d.order_id left join waybill w on w.delivery_id = d.id
        left join print_document p on p.waybill_id = w.id order by d.id, w.id`.execute(db)
    ).rows
  const before = await facts()
  assert.equal(before.length, count)
  const deliveries = await sql<{ id: string; orderId: string }>`
    select id, order_id as "orderId" from delivery order by id`.execute(db)
  const chosen = deliveries.rows.filter((_, at) => at % 20 === 7)
  assert.equal(chosen.length, applying)
  const back = chosen.slice(0, withdrawing)
  const arrive = async (rows: typeof chosen, version: Partial<Refund> & { modifiedAt: Date }) => {
    const arrived = rows.map(({ id, orderId }) => ({
      refund: { ...plain, refundId: `9${id}`, tid: tids.get(orderId) ?? '', ...version },
      ...{ raw: '{}', detailMissing: false },
    }))
    await run((tx) => ingestRefunds(tx, memoryKeyRing(), { shopId, arrived }, systemActor))
    const staged = await sql<{ id: string }>`select id from staged_refund where state = 'staged'`.execute(db)
    const ids = staged.rows.map(({ id }) => id)
    if (ids.length > 0) await run((tx) => convertRefunds(tx, ids, { actor: systemActor, scope: wholeScope }))
    await workTwice(db, fulfilmentJobs)
  }
  await arrive(chosen, { status: 'applied', modifiedAt: start })
  const ship = (rows: typeof chosen) =>
    run((tx) =>
      shipDeliveries(
        tx,
        rows.map(({ id }) => id),
        by,
      ),
    )
  const refused = await ship(chosen)
  assert.deepEqual(new Set(refused.map((one) => (one.done ? 'done' : one.code))), new Set(['refund_open']))
  assert.deepEqual(await facts(), before)
  const known = performance.now()
  await arrive(back, { status: 'closed', version: '2', modifiedAt: new Date(start.getTime() + 600_000) })
  const ms = performance.now() - known
  assert.deepEqual(await facts(), before)
  must(await ship(back))
  const shipped = await ship(chosen.slice(withdrawing))
  assert.equal(shipped.filter((one) => one.done).length, 0)
  const actions = await sql`select from platform_action where kind like 'waybill.%'`.execute(db)
  assert.equal(actions.rows.length, 0)
  const numbers = await sql<{
    n: number
  }>`select count(*)::int as n from waybill where state = 'taken'`.execute(db)
  assert.equal(numbers.rows[0]?.n, count)
  t.diagnostic(
    `${count} printed, ${applying} applied, ${withdrawing} withdrew: back in line ${Math.round(ms)} ms after we know`,
  )
  assert.ok(ms <= 10_000)
  await house.close()
})

const start = new Date('2026-11-24T12:00:00+08:00')
const plain: Refund = {
  ...{ kind: 'refund', refundId: '', tid: '', oid: '', refundKind: 'refund_only', phase: 'onsale' },
  ...{
    status: 'applied',
    platformStatus: '',
    version: '1',
    amountFen: 10_000,
    quantity: 3,
    title: '',
    spec: '',
  },
  ...{
    outerId: '',
    reason: '不想要了',
    description: '',
    goodsReceived: 'not_received',
    carrier: '',
    waybillNo: '',
  },
  ...{ createdAt: start, modifiedAt: start, deadline: new Date(start.getTime() + 172_800_000) },
  ...{ buyerNick: '', constraint: '' },
}
