import { isPlainLabel } from '../../carriers/plain-label-contract.ts'
import type { By } from '../../core/access/actor.ts'
import { audit } from '../../core/access/audit.ts'
import type { Tx } from '../../core/db/db.ts'
import type { Outcome, Refusal } from '../../core/decide.ts'
import { AppError } from '../../errors.ts'
import { type KeyRing, unseal } from '../../lib/seal.ts'
import { noteShipping, stopsOf } from '../../orders/holds/shipping.ts'
import { lockDeliveries, outcomesOfDeliveries } from '../held.ts'
import { whyNotDelivery } from '../lifecycle.ts'
import { customContents, ownAreas } from '../papers/custom-area.ts'
import { deliveriesOfWaybills } from '../papers/paper-queries.ts'
import { writePrinted } from '../ship-steps.ts'
import { noFields, type PrintFields, withFields } from './print-fields.ts'
import {
  dropWaiting,
  insertJob,
  lockJob,
  type Printable,
  type PrintResult,
  printableOf,
  type Spooled,
  settleSpooled,
  spoolNext,
  writeResults,
} from './print-queries.ts'
import { enqueuePrinted } from './reports.ts'

export type PrintRequest = {
  ids: readonly string[]
  printer: string
  reason: string
  /** True: deliveries of the same goods come one after another; otherwise all in the given order. */
  together?: boolean | undefined
  /** Only the labels of these packages, from 1; undefined: of all. */
  packages?: readonly number[] | undefined
}

/**
 * 打印面单: makes a print job of the labels of these deliveries, in the given order or the same goods together. A merged shipment has one label,
 * a delivery of several packages one for each, beside each other. An order that is stopped gets none, and a label that was printed, or may
 * have been, is printed again only with a reason.
 */
export async function printLabels(
  tx: Tx,
  { ids, printer, reason, together = false, packages }: PrintRequest,
  { actor, scope }: By,
): Promise<{ job: string | null; results: Outcome[] }> {
  const held = await lockDeliveries(tx, ids, scope)
  const stops = await stopsOf(
    tx,
    held.map(({ order }) => order.id),
  )
  const deliveryIds = held.map(({ delivery }) => delivery.id)
  const wanted = (await printableOf(tx, deliveryIds)).filter(({ n }) => packages?.includes(n) ?? true)
  const labels = Map.groupBy(wanted, ({ deliveryId }) => deliveryId)
  // Without a reason only those labels are printed that were not.
  const mayPrint = ({ printed }: Printable) => !printed || reason !== ''
  const { outcomes } = outcomesOfDeliveries(ids, held, ({ delivery, order }) => {
    const own = labels.get(delivery.id) ?? []
    return (
      whyNotDelivery(delivery, 'print') ??
      stops.get(order.id) ??
      (own.length > 0 ? undefined : noLabel) ??
      (own.some(mayPrint) ? undefined : printedAlready)
    )
  })
  const done = outcomes.filter((one) => one.done)
  const printable = done.flatMap(({ id }) => labels.get(id) ?? []).filter(mayPrint)
  if (together) printable.sort((one, other) => one.place - other.place)
  const printing = [...new Map(printable.map((one) => [`${one.id}/${one.n}`, one])).values()]
  if (printing.length === 0) return { job: null, results: outcomes }
  const job = await insertJob(tx, { printer, reason }, printing, actor)
  const orderOf = new Map(held.map(({ delivery, order }) => [delivery.id, order.id]))
  const events = done.map(({ id }) => ({
    orderId: orderOf.get(id) ?? '',
    event: 'label_sent',
    detail: reason === '' ? {} : { note: reason },
  }))
  await noteShipping(tx, events, actor)
  return { job, results: outcomes }
}

export type PrintDocument = {
  seq: number
  documentId: string
  /** The source of the number, whose print client prints the label. */
  source: string
  /**
   * What the print client gets: the label as the source gave it, with what the source makes beside it for printing, then the custom area that is laid over it, if there is one: an
   * address with data, or `areaOf`, the deliveries for which the page lays one out. A plain label, which the page lays out, is followed by the deliveries whose goods it names.
   */
  contents: unknown[]
}

export type NextRequest = {
  jobId: string
  results: readonly PrintResult[]
  most: number
  fields?: PrintFields
}

/**
 * Writes what the print client said, and hands out the next documents. They count as spooled from now on: if the browser ends before it
 * says more, a person settles them. `fields`: of `printFieldsOf`. Throws `not_found` for another user's job.
 */
export async function nextDocuments(
  tx: Tx,
  ring: KeyRing,
  { jobId, results, most, fields = noFields }: NextRequest,
  { actor }: By,
): Promise<PrintDocument[]> {
  await jobOf(tx, jobId, actor.id)
  await notePrinted(tx, { jobId, waybillIds: await writeResults(tx, jobId, results) }, actor)
  const spooled = most === 0 ? [] : await spoolNext(tx, jobId, most)
  const areas = new Map<string, unknown>([
    ...(await customContents(tx, spooled)),
    ...(await ownAreas(tx, spooled)),
  ])
  const parcels = await plainParcels(tx, { jobId, spooled }, actor)
  return spooled.map(({ seq, waybillId, waybillNo, printData, source, accountShopId }) => {
    if (!printData) throw new Error(`Waybill ${waybillNo} has no data for its label.`)
    const label: unknown = JSON.parse(unseal(ring, accountShopId, printData).toString('utf8'))
    const content = withFields(label, { source, accountShopId }, fields)
    const area = areas.get(waybillId) ?? parcels.get(waybillId)
    return { seq, documentId: `${jobId}-${seq}`, source, contents: area ? [content, area] : [content] }
  })
}

async function notePrinted(
  tx: Tx,
  printed: { jobId: string; waybillIds: readonly string[] },
  actor: By['actor'],
): Promise<void> {
  await writePrinted(tx, printed.waybillIds, actor.name)
  await enqueuePrinted(tx, printed, actor)
}

/**
 * Returns the deliveries of the plain labels among these, by the waybill. Unlike the data for a print client such a label is not encrypted,
 * so an audit row says who was handed the addresses.
 */
async function plainParcels(
  tx: Tx,
  { jobId, spooled }: { jobId: string; spooled: readonly Spooled[] },
  actor: By['actor'],
): Promise<Map<string, { deliveryIds: string[] }>> {
  const plain = spooled.filter(({ source }) => isPlainLabel(source)).map(({ waybillId }) => waybillId)
  if (plain.length === 0) return new Map()
  const deliveries = await deliveriesOfWaybills(tx, plain)
  const subject = { type: 'print_job', id: jobId }
  const detail = { deliveries: deliveries.map(({ no }) => no) }
  await audit(tx, { actor, action: 'waybill.plain_labels', subject, detail })
  const byWaybill = Map.groupBy(deliveries, ({ waybillId }) => waybillId)
  return new Map(
    [...byWaybill].map(([id, some]) => [id, { deliveryIds: some.map(({ deliveryId }) => deliveryId) }]),
  )
}

/** The label of document `last` (0: none) is the last that came out: spooled documents up to it are printed, later ones wait again. */
export async function settleDocuments(
  tx: Tx,
  { jobId, last }: { jobId: string; last: number },
  { actor }: By,
): Promise<void> {
  await jobOf(tx, jobId, actor.id)
  await notePrinted(tx, { jobId, waybillIds: await settleSpooled(tx, jobId, last) }, actor)
}

/** Stops the job: its waiting documents are not printed. */
export async function stopPrinting(tx: Tx, jobId: string, { actor }: By): Promise<void> {
  await jobOf(tx, jobId, actor.id)
  await dropWaiting(tx, jobId)
}

async function jobOf(tx: Tx, jobId: string, userId: string): Promise<void> {
  const job = await lockJob(tx, jobId, userId)
  if (!job) throw new AppError('not_found', { what: { zh: '打印任务', en: 'Print job' } })
}

const noLabel: Refusal = {
  code: 'no_label',
  message: {
    zh: '没有取过电子面单号，没有面单可打。先取号',
    en: 'Its number was not taken from an account, so there is no label. Take a number first',
  },
}
const printedAlready: Refusal = {
  code: 'printed_already',
  message: {
    zh: '打过了，或在没打完的打印里。重打要写原因',
    en: 'It was printed, or waits in a print job. To print it again, say why',
  },
}
