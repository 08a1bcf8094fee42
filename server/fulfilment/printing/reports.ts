import { sql } from 'kysely'
import { waybillSources } from '../../carriers/index.ts'
import type { Actor } from '../../core/access/actor.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Row } from '../../core/db/rows.ts'
import { enqueueActions } from '../../core/outbox/actions.ts'
import type { Action, ActionHandler } from '../../core/outbox/handlers.ts'
import { AppError } from '../../errors.ts'
import type { OpenedShop } from '../../shops/calls.ts'
import { accountOfWaybill } from '../waybills/account-queries.ts'
import { callSource } from '../waybills/calls.ts'

/** The kind of platform action that reports a printed label; payload `PrintedPayload`. */
const printedKind = 'waybill.printed'
type PrintedPayload = {
  waybillId: string
  source: string
  courier: string
  waybillNo: string
  /** True: it was printed before. */
  again: boolean
}

type Printed = Row<'waybill', 'id' | 'courier' | 'waybillNo'> &
  Row<'waybill_account', 'source' | 'shopId'> & { again: boolean }

/** Enqueues the reports that the labels of these waybills came out of a printer in this job, to the sources that want to know. */
export async function enqueuePrinted(
  tx: Tx,
  { jobId, waybillIds }: { jobId: string; waybillIds: readonly string[] },
  actor: Actor,
): Promise<void> {
  const sources = waybillSources.flatMap(({ id, reportPrinted }) => (reportPrinted ? [id] : []))
  if (waybillIds.length === 0) return
  const found = await sql<Printed>`
    select w.id, w.courier, w.waybill_no as "waybillNo", a.source, a.shop_id as "shopId", exists (
      select from print_document p where p.waybill_id = w.id and p.job_id <> ${jobId}::bigint and p.state = 'printed') as again
    from waybill w join waybill_account a on a.id = w.account_id
    where w.id = any(${[...waybillIds]}::bigint[]) and w.state = 'taken' and a.source = any(${sources}::text[]) order by w.id`.execute(
    tx,
  )
  const actions = found.rows.map(({ id: waybillId, shopId, ...number }) => ({
    shopId,
    kind: printedKind,
    subject: { type: 'waybill', id: waybillId },
    idempotencyKey: `${printedKind}/${waybillId}/${jobId}`,
    payload: { waybillId, ...number } satisfies PrintedPayload,
  }))
  await enqueueActions(tx, actions, actor)
}

/** 打印通知: some platforms want to know which labels were printed. */
export const reportingPrints: ActionHandler<OpenedShop> = {
  kind: printedKind,
  name: { zh: '告诉平台面单打好了', en: 'Report a printed label' },
  rank: 3,
  async send(shop, action, signal) {
    const { waybillId, source: sourceId, ...printed } = payloadOf(action)
    const source = waybillSources.find(({ id }) => id === sourceId)
    const account = await accountOfWaybill(shop.deps.db, waybillId)
    const report = source?.reportPrinted
    if (!source || !report || !account)
      throw new AppError('not_found', { what: { zh: '电子面单来源', en: 'Waybill source' } })
    const { courierOrder } = account
    await callSource(shop, { source, account }, (call) => report(call, { ...printed, courierOrder }), signal)
    return null
  },
  // A repeated report changes nothing.
  look: async () => 'repeat',
  onResults: async () => undefined,
}

function payloadOf({ id, payload }: Action): PrintedPayload {
  if (isPrintedPayload(payload)) return payload
  throw new Error(`Action ${id} names no printed label.`)
}

const isPrintedPayload = (value: unknown): value is PrintedPayload =>
  typeof value === 'object' && value !== null && 'waybillId' in value && 'again' in value
