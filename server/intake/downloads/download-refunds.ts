import type { BadItem, ListedRefund, RefundId, RefundItem, RefundRef } from '../../connectors/connector.ts'
import type { Window } from '../../connectors/lists.ts'
import type { Tx } from '../../core/db/db.ts'
import { PlatformError } from '../../lib/platform-error.ts'
import { callShop } from '../../shops/calls.ts'
import { type ArrivedRefund, ingestRefunds } from '../refunds/ingest-refunds.ts'
import {
  type Deadline,
  endedRefunds,
  newerRefunds,
  setDeadlines,
  unfinishedRefunds,
  wantedRefunds,
} from '../staged/refund-queries.ts'
import { type IngestCounts, parkItems } from '../trades/ingest.ts'
import { noteFresh, noteShown, wasRead } from './lateness.ts'
import { endsRun, type ListCounts, type ListRun, readList, skip } from './list-run.ts'

/** Downloads one window of refunds to the staged refunds. Throws if it is not complete, and then the cursor does not move. */
export async function downloadRefundWindow(run: ListRun, window: Window, total: ListCounts): Promise<void> {
  const list = run.opened.connector.refunds.changed
  await readList({ run, list, total }, window, (items) => storePage(run, items, total))
}

async function storePage(run: ListRun, items: readonly RefundItem[], total: ListCounts): Promise<void> {
  const refunds = items.filter((item) => item.kind === 'refund')
  const { refunds: source } = run.opened.connector
  const { needsDetail, needsDetailFor = () => needsDetail } = source
  noteShown(
    run.sighting,
    items.flatMap((item) => (item.kind === 'bad' ? [] : (item.modifiedAt ?? []))),
  )
  const wanted = await wantedRefunds(run.db, run.opened.shop.id, refunds, needsDetail)
  skip(total, 'same', refunds.filter((refund) => !wanted.has(refund.refundId)).length)
  const fresh = refunds.filter((refund) => wanted.has(refund.refundId))
  const [short, whole] = [fresh.filter(needsDetailFor), fresh.filter((refund) => !needsDetailFor(refund))]
  const all = items.filter((item) => item.kind === 'id')
  const known = await endedRefunds(run.db, run.opened.shop.id, all)
  const numbers = all.filter(({ refundId }) => !known.has(refundId))
  skip(total, 'same', known.size)
  const numbered = await fetchByNumber(run, numbers)
  const { byTimeOfChange } = source.changed
  if (byTimeOfChange) noteDetails(run, numbers, numbered)
  const answers = [...(await withDeadlines(run, whole)), ...(await fetchDetails(run, short)), ...numbered]
  total.failed += answers.filter((answer) => 'refund' in answer && answer.detailMissing).length
  if (byTimeOfChange) await noteLate(run, answers)
  await storeRefunds(run, [...answers, ...items.filter((item) => item.kind === 'bad')], total)
}

/** A list of numbers without times does not show how often refunds change; their details do. */
function noteDetails(
  { sighting }: ListRun,
  numbers: readonly RefundId[],
  answers: readonly (ArrivedRefund | BadItem)[],
): void {
  const undated = new Set(numbers.flatMap(({ refundId, modifiedAt }) => (modifiedAt ? [] : refundId)))
  const refunds = answers.flatMap((answer) => ('refund' in answer ? answer.refund : []))
  noteShown(
    sighting,
    refunds.filter(({ refundId }) => undated.has(refundId)).map(({ modifiedAt }) => modifiedAt),
  )
}

/** Notes the changes that are new to us although their time had been read before: the list showed them late. */
async function noteLate(
  { db, opened, sighting }: ListRun,
  answers: readonly (ArrivedRefund | BadItem)[],
): Promise<void> {
  const refunds = answers.flatMap((answer) => ('refund' in answer ? answer.refund : []))
  const early = refunds.filter(({ modifiedAt }) => wasRead(sighting, modifiedAt))
  if (early.length === 0) return
  const isNew = await newerRefunds(db, opened.shop.id, early)
  for (const { refundId, modifiedAt } of early) if (isNew.has(refundId)) noteFresh(sighting, modifiedAt)
}

/** Requests again the details of refunds that failed before. */
export async function finishRefunds(run: ListRun, total: ListCounts): Promise<void> {
  const missing = await unfinishedRefunds(run.db, run.opened.shop.id, 200)
  const answers: (ArrivedRefund | BadItem)[] = []
  const deadlines: Deadline[] = []
  for (const ref of missing) {
    run.signal.throwIfAborted()
    const answer = await fetchDetail(run, ref)
    if (!answer) continue
    if (run.opened.connector.refunds.needsDeadlineFor && 'refund' in answer)
      deadlines.push({ ...ref, deadline: answer.refund.deadline })
    else answers.push(answer)
  }
  await setDeadlines(run.db, run.opened.shop.id, deadlines)
  await storeRefunds(run, answers, total)
}

/** Stages the refunds, parks those that cannot be read, and adds to `total`. `also` runs in the same transaction with the counts. */
export async function storeRefunds(
  run: ListRun,
  answers: readonly (ArrivedRefund | BadItem)[],
  total: ListCounts,
  also: (tx: Tx, counts: IngestCounts) => Promise<void> = async () => {},
): Promise<void> {
  const arrived = answers.filter((answer) => 'refund' in answer)
  const bad = answers.filter((answer) => 'kind' in answer)
  const { ring } = run.opened.deps
  const shopId = run.opened.shop.id
  const counts = await run.db.transaction().execute(async (tx) => {
    await parkItems(tx, ring, { shopId, kind: 'refund', items: bad })
    const ingested = await ingestRefunds(tx, ring, { shopId, arrived }, run.actor)
    await also(tx, ingested)
    return ingested
  })
  total.created += counts.created
  total.updated += counts.updated
  total.parked += bad.length
  for (const [reason, count] of Object.entries(counts.skipped)) skip(total, reason, count)
}

const listed = ({ raw, ...refund }: ListedRefund): ArrivedRefund => ({ refund, raw, detailMissing: false })

/** Adds to refunds of a list the deadlines that only their details have. One whose detail fails is requested again by the next run. */
async function withDeadlines(run: ListRun, refunds: readonly ListedRefund[]): Promise<ArrivedRefund[]> {
  const { needsDeadlineFor = () => false } = run.opened.connector.refunds
  const asked = await several(run, refunds.filter(needsDeadlineFor), async (one): Promise<ArrivedRefund> => {
    const { refund, raw } = listed(one)
    const detail = await fetchDetail(run, one)
    if (!detail || !('refund' in detail)) return { refund, raw, detailMissing: true }
    return { refund: { ...refund, deadline: detail.refund.deadline }, raw, detailMissing: false }
  })
  return [...refunds.filter((one) => !needsDeadlineFor(one)).map(listed), ...asked]
}

/** Requests the details of refunds that a list shows. One that fails is stored as the list has it, and requested again by the next run. */
const fetchDetails = (run: ListRun, refunds: readonly ListedRefund[]) =>
  several(
    run,
    refunds,
    async (refund) => (await fetchDetail(run, refund)) ?? { ...listed(refund), detailMissing: true },
  )

/**
 * Requests refunds of which the list gives only the number. A refund that the platform refuses to show is parked; any other failure lets the
 * window fail, so that it is read again, because nothing of the refund can be stored. One that the platform no longer knows is left out.
 */
const fetchByNumber = (run: ListRun, numbers: readonly RefundId[]) =>
  several(run, numbers, async ({ refundId }): Promise<ArrivedRefund | BadItem | undefined> => {
    try {
      return await detailOf(run, byNumber(refundId))
    } catch (error) {
      if (!(error instanceof PlatformError) || error.kind !== 'rejected') throw error
      return { kind: 'bad', id: refundId, reason: error.code, raw: '' }
    }
  })

/** Does the work for several refunds at once, as many as the platform allows. */
async function several<From, To>(
  run: ListRun,
  all: readonly From[],
  work: (one: From) => Promise<To | undefined>,
): Promise<To[]> {
  const waiting = [...all]
  const answers: To[] = []
  const worker = async () => {
    for (let one = waiting.pop(); one !== undefined; one = waiting.pop()) {
      const answer = await work(one)
      if (answer !== undefined) answers.push(answer)
    }
  }
  await Promise.all(Array.from({ length: run.opened.connector.limits.concurrentRequests }, worker))
  return answers
}

/** A refund of which only the number is known. */
export const byNumber = (refundId: string): RefundRef => ({
  refundId,
  tid: '',
  oid: '',
  phase: 'onsale',
  version: '',
})

/**
 * Returns undefined if the platform does not know the refund, or an error concerns it only. Throws errors that end the window (an ended
 * authorisation, a long ban).
 */
export async function fetchDetail(
  run: ListRun,
  ref: RefundRef,
): Promise<ArrivedRefund | BadItem | undefined> {
  try {
    return await detailOf(run, ref)
  } catch (error) {
    if (endsRun(error)) throw error
    return undefined
  }
}

/** Returns undefined if the platform does not know the refund. */
export async function detailOf(run: ListRun, ref: RefundRef): Promise<ArrivedRefund | BadItem | undefined> {
  const detail = await callShop(run.opened, (connector, call) => connector.refunds.detail(call, ref))
  return detail && ('refund' in detail ? { ...detail, detailMissing: false } : detail)
}
