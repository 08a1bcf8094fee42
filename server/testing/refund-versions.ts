import { sql } from 'kysely'
import { pino } from 'pino'
import type { Refund } from '../connectors/connector.ts'
import { systemActor, wholeScope } from '../core/access/actor.ts'
import type { Database } from '../core/db/db.ts'
import type { Job } from '../core/jobs/job.ts'
import { convertRefunds } from '../intake/refunds/convert-refunds.ts'
import { ingestRefunds } from '../intake/refunds/ingest-refunds.ts'
import { memoryKeyRing } from '../lib/seal.ts'
import { type Packed, packer, type ShippingHouse } from './shipping.ts'

const ring = memoryKeyRing()
const start = new Date('2026-11-24T12:00:00+08:00').getTime()
let made = 0

/** `at`: seconds after the first version. `staysStaged`: it is not converted. */
export type RefundChange = Partial<Refund> & { at?: number; staysStaged?: boolean }

/** Stages and converts a version of a refund, by default of the whole trade. Returns its number. */
export async function refundArrives(
  house: ShippingHouse,
  { tid, orderId }: Pick<Packed, 'tid' | 'orderId'>,
  { at = 0, staysStaged = false, ...own }: RefundChange = {},
): Promise<string> {
  const money = await sql<{ fen: number; pieces: number }>`
    select payment_fen::int as fen, quantity as pieces from sales_order where id = ${orderId}`.execute(
    house.db,
  )
  made += 1
  const refund: Refund = {
    kind: 'refund',
    refundId: `77${made}`,
    tid,
    oid: '',
    refundKind: 'refund_only',
    phase: 'onsale',
    status: 'applied',
    platformStatus: '',
    version: String(start + at * 1000),
    amountFen: money.rows[0]?.fen ?? 0,
    quantity: money.rows[0]?.pieces ?? 0,
    title: '',
    spec: '',
    outerId: '',
    reason: '不想要了',
    description: '',
    goodsReceived: 'not_received',
    carrier: '',
    waybillNo: '',
    createdAt: new Date(start),
    modifiedAt: new Date(start + at * 1000),
    deadline: new Date(start + 3_600_000 * 48),
    buyerNick: '',
    constraint: '',
    ...own,
  }
  const arrived = [{ refund, raw: '{}', detailMissing: false }]
  await house.run((tx) => ingestRefunds(tx, ring, { shopId: house.shopId, arrived }, systemActor))
  if (staysStaged) return refund.refundId
  const staged = await sql<{ id: string }>`
    select id from staged_refund where refund_no = ${refund.refundId} and state = 'staged'`.execute(house.db)
  const ids = staged.rows.map(({ id }) => id)
  if (ids.length > 0) await house.run((tx) => convertRefunds(tx, ids, { actor: packer, scope: wholeScope }))
  return refund.refundId
}

/** Runs the waiting jobs as a worker does. Each runs twice, because a job runs at least once. */
export async function workTwice(db: Database, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    const found = await sql<{
      data: unknown
    }>`delete from job where name = ${job.name} returning data`.execute(db)
    const payloads = found.rows.map(({ data }) => data)
    for (const _ of [1, 2])
      if (payloads.length > 0) await job.run({ db, log: pino({ level: 'silent' }) }, payloads)
  }
}
