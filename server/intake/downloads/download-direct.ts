import type { BadItem, TradeBrief } from '../../connectors/connector.ts'
import { hastenTask } from '../../core/tasks/tasks.ts'
import { callShop } from '../../shops/calls.ts'
import type { ArrivedTrade } from '../trades/ingest.ts'
import { nowOf } from './clock.ts'
import { noteFresh, noteShown } from './lateness.ts'
import { countMissed, eachAtOnce, type ListCounts, type ListRun, skip, troubleOf } from './list-run.ts'
import { newestOf, requestFailedDetails, retrySeconds, wantedTids } from './queue-queries.ts'
import { stageDetails } from './stage.ts'

type Fetched = { brief: TradeBrief; detail?: ArrivedTrade | BadItem; error?: string }

/**
 * Fetches the details of a page in the same step, on platforms without a download queue. A trade whose detail fails gets a detail request,
 * and the window goes on. `changedBefore`: the list gives numbers only, of trades that changed before this time.
 */
export async function fetchDirect(
  run: ListRun,
  listed: readonly TradeBrief[],
  total: ListCounts,
  { changedBefore }: { changedBefore?: Date } = {},
): Promise<void> {
  const { db, opened } = run
  const shopId = opened.shop.id
  const briefs = newestOf(listed)
  const wanted = await wantedTids(db, shopId, briefs, changedBefore)
  skip(total, 'processed', wanted.processed)
  countMissed(total, wanted.missed)
  noteFresh(run.sighting, wanted.earliest)
  skip(total, 'same', briefs.length - wanted.tids.size - wanted.processed)
  const fetchedAt = await nowOf(db)
  const answers = await fetchDetails(
    run,
    briefs.filter((brief) => wanted.tids.has(brief.tid)),
  )
  const arrived = answers.flatMap(({ detail }) => (detail && 'trade' in detail ? [detail] : []))
  const bad = answers.flatMap(({ detail }) => (detail && 'kind' in detail ? [detail] : []))
  // A list of numbers gives no times; the details do.
  if (changedBefore) noteDetails(run, arrived, wanted.unknown)
  const failed = answers.filter(({ error }) => error !== undefined)
  const tids = answers.map(({ brief }) => brief.tid)
  const counts = await stageDetails(run, { arrived, bad, fetchedAt, tids }, async (tx) => {
    await requestFailedDetails(
      tx,
      shopId,
      failed.map(({ brief, error }) => ({ ...brief, error: error ?? '' })),
    )
    if (failed.length > 0) await hastenTask(tx, 'trade_detail', shopId, retrySeconds)
  })
  total.created += counts.created
  total.updated += counts.updated
  total.parked += bad.length
  total.failed += failed.length
  for (const [reason, count] of Object.entries(counts.skipped)) skip(total, reason, count)
}

function noteDetails({ sighting }: ListRun, arrived: readonly ArrivedTrade[], unknown: ReadonlySet<string>) {
  noteShown(
    sighting,
    arrived.map(({ trade }) => trade.modifiedAt),
  )
  for (const { trade } of arrived) if (unknown.has(trade.tid)) noteFresh(sighting, trade.modifiedAt)
}

async function fetchDetails(run: ListRun, briefs: readonly TradeBrief[]): Promise<Fetched[]> {
  const answers: Fetched[] = []
  await eachAtOnce(run, briefs, async (brief) => void answers.push(await fetchOne(run, brief)))
  return answers
}

/** Throws only errors that end the window (an ended authorisation, a long ban). Other errors are returned. */
async function fetchOne(run: ListRun, brief: TradeBrief): Promise<Fetched> {
  try {
    const detail = await callShop(run.opened, (connector, call) => connector.trades.detail(call, brief.tid))
    return detail ? { brief, detail } : { brief, error: 'trade_not_found' }
  } catch (error) {
    return { brief, error: troubleOf(error) }
  }
}
