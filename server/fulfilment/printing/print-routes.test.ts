import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sql } from 'kysely'
import { waybillSources } from '../../carriers/index.ts'
import { createQueues } from '../../core/jobs/job.ts'
import { seal } from '../../lib/seal.ts'
import { testApp } from '../../testing/app.ts'
import { anOrder, aShop } from '../../testing/orders.ts'
import { must } from '../../testing/run.ts'
import { packer } from '../../testing/shipping.ts'
import { jobs } from '../../worker.ts'
import { releaseOrders } from '../shipping/release.ts'

test('a printed label is noted although the shop of the next label cannot be opened, and that label waits', async () => {
  await using house = await testApp()
  const { db } = house
  await createQueues(db, jobs)
  const clerk = await house.as(['fulfilment.ship'])
  const shopId = await aShop(db)
  const source = waybillSources.find(({ printFields }) => printFields)?.id ?? assert.fail()
  await sql`update shop set platform = ${source}, variant = ${source}, auth_state = 'expired' where id = ${shopId}`.execute(
    db,
  )
  const { id: one } = await anOrder(db, { shopId, status: 'confirmed' })
  const { id: two } = await anOrder(db, { shopId, status: 'confirmed', matched: false })
  const by = { actor: packer, scope: { shops: 'all', warehouses: 'all' } } as const
  must(await db.transaction().execute((tx) => releaseOrders(tx, [one, two], by)))
  const job = await sql<{ id: string }>`
    with account as (
      insert into waybill_account (shop_id, source, courier, sender, template_url, created_by)
      values (${shopId}, ${source}, 'YTO', '', 'http://x', '周强') returning id
    ), numbered as (
      update delivery set courier = 'YTO', waybill_no = 'YT' || (880000000 + id), labelled = true
      where status = 'pending' returning id, waybill_no
    ), number as (
      insert into waybill (delivery_id, round, account_id, shop_id, courier, state, waybill_no, print_data, asked_by)
      select n.id, 1, a.id, ${shopId}, 'YTO', 'taken', n.waybill_no, ${seal(house.ring, shopId, '{}')}, '周强'
      from numbered n, account a returning id
    ), job as (
      insert into print_job (printer, created_by, created_by_id) values ('', '周强', ${clerk.userId}) returning id
    ), documents as (
      insert into print_document (job_id, seq, waybill_id, state, spooled_at)
      select job.id, row_number() over (order by number.id), number.id,
        case when row_number() over (order by number.id) = 1 then 'spooled' else 'waiting' end, now() from number, job
    )
    select id from job`.execute(db)
  const path = `/api/print-jobs/${job.rows[0]?.id}`
  const answer = await clerk.call('POST', `${path}/next`, {
    results: [{ seq: 1, printed: true, message: '' }],
    most: 5,
  })
  assert.deepEqual(
    [answer.status, Object(answer.body).code],
    [409, 'reauthorise'],
    JSON.stringify(answer.body),
  )
  const { body } = await clerk.call('GET', path)
  assert.deepEqual(
    Object(body).rows.map(({ state }: { state: string }) => state),
    ['printed', 'waiting'],
  )
})
