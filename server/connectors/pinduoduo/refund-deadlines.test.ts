import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { systemActor } from '../../core/access/actor.ts'
import { downloadRefundWindow, finishRefunds } from '../../intake/downloads/download-refunds.ts'
import { noListCounts } from '../../intake/downloads/list-run.ts'
import { minuteMs } from '../../lib/time.ts'
import { openCall } from '../../shops/calls.ts'
import { aShippingHouse, type ShippingHouse } from '../../testing/shipping.ts'
import { connectors } from '../index.ts'

let house: ShippingHouse
before(async () => {
  house = await aShippingHouse('pinduoduo')
})
after(() => house[Symbol.asyncDispose]())

const run = async () => ({
  db: house.db,
  opened: await openCall({ db: house.db, ring: house.ring, connectors, simulator: true }, house.shopId),
  actor: systemActor,
  signal: new AbortController().signal,
})
/** Applies for a refund, and downloads the list a second later, when its second is over. */
const applyAndDownload = async (tid: string) => {
  await house.control('refunds', { tid, kind: 'REFUND' })
  await sleep(1100)
  const now = Date.now()
  const window = { from: new Date(now - 20 * minuteMs), to: new Date(now) }
  await downloadRefundWindow(await run(), window, noListCounts())
}
const held = async (tid: string) =>
  (
    await sql<{ deadline: number | null; missing: boolean; status: string; title: string }>`
      select extract(epoch from deadline)::float8 as deadline, detail_missing as missing, status, title
      from staged_refund where tid = ${tid}`.execute(house.db)
  ).rows[0]
const bookOf = (tid: string) => house.trade(tid).refunds[0] ?? assert.fail()

test('a refund that waits for the seller has the deadline of its detail and the facts of the list', async () => {
  const { tid } = await house.packed()
  await applyAndDownload(tid)
  const refund = await held(tid)
  assert.deepEqual(
    [refund?.deadline, refund?.missing, refund?.status],
    [bookOf(tid).deadline, false, 'applied'],
  )
  assert.notEqual(refund?.title, '', 'the detail has no title, so it is that of the list')
})

test('a detail that fails leaves the refund as the list has it, and the next run adds the deadline alone', async () => {
  const { tid } = await house.packed()
  await house.control('faults', { kind: 'forbidden', method: 'pdd.refund.information.get', count: 1 })
  await applyAndDownload(tid)
  const before = await held(tid)
  assert.deepEqual([before?.deadline, before?.missing, before?.status], [null, true, 'applied'])
  await finishRefunds(await run(), noListCounts())
  const after = await held(tid)
  assert.deepEqual(
    [after?.deadline, after?.missing, after?.title],
    [bookOf(tid).deadline, false, before?.title],
  )
})
