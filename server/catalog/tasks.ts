import Type from 'typebox'
import type { BadItem, Listing } from '../connectors/connector.ts'
import { defineTaskKind, type RunContext, type RunCounts } from '../core/tasks/kinds.ts'
import { callShop, type OpenedShop } from '../shops/calls.ts'
import { databaseNow, keepListed, lockCatalog, markGone } from './listings/listing-queries.ts'
import { saveListings } from './listings/listings.ts'

/** The download fails after this many pages, more than any shop has, so that a faulty list does not run for ever. */
const pagesMax = 20_000
/** The report of a run names at most this many unreadable items. */
const namedMax = 50

const params = Type.Object({}, { additionalProperties: false })

/** 平台商品下载: downloads the shop's complete list every hour. */
export const downloadingListings = defineTaskKind<OpenedShop, typeof params>({
  kind: 'listings',
  name: { zh: '平台商品下载', en: 'Listing download' },
  params,
  defaultSchedule: { everySeconds: 3600 },
  applies: (shop) => shop.listings === true,
  run: downloadListings,
})

type Context = RunContext<object> & OpenedShop
type Total = { pages: number; seen: number; created: number; updated: number; same: number; bad: BadItem[] }

/**
 * Downloads the goods on sale, then those off sale. Only a run that read both lists to their ends marks listings as gone, and only if every
 * item had a number, because an item without a number could be any listing.
 */
async function downloadListings(context: Context): Promise<Partial<RunCounts>> {
  const { db, shop } = context
  const since = await db.transaction().execute(databaseNow)
  const total: Total = { pages: 0, seen: 0, created: 0, updated: 0, same: 0, bad: [] }
  for (const status of ['on_sale', 'in_stock'] as const) {
    let after: string | null = null
    do {
      context.signal.throwIfAborted()
      if (total.pages >= pagesMax) throw new Error('The list of listings never ends.')
      after = await onePage(context, status, after, total)
      context.progress(countsOf(total))
    } while (after !== null)
  }
  let gone = 0
  if (total.bad.every(({ id }) => id !== null)) {
    gone = await db.transaction().execute(async (tx) => {
      await lockCatalog(tx)
      return markGone(tx, shop.id, since)
    })
  }
  return { ...countsOf(total), report: reportOf(total, gone) }
}

/** Downloads one page and returns where the list goes on, which only the connector understands. */
async function onePage(
  context: Context,
  status: Listing['status'],
  after: string | null,
  total: Total,
): Promise<string | null> {
  const { db, shop } = context
  const page = await callShop(context, async ({ listings }, call) =>
    listings?.list(call, { status, after, size: listings.pageSize }),
  )
  if (!page) return null
  const bad = page.items.filter((item): item is BadItem => 'kind' in item)
  const good = page.items.filter((item): item is Listing => !('kind' in item))
  const counts = await db.transaction().execute(async (tx) => {
    const saved = await saveListings(tx, shop.id, good)
    await keepListed(
      tx,
      shop.id,
      bad.flatMap(({ id }) => id ?? []),
    )
    return saved
  })
  total.pages += 1
  total.seen += page.items.length
  total.created += counts.created
  total.updated += counts.updated
  total.same += counts.same
  total.bad.push(...bad)
  return page.next
}

function countsOf({ pages, seen, created, updated, same, bad }: Total): Partial<RunCounts> {
  return { pages, seen, created, updated, skipped: same > 0 ? { same } : {}, failed: bad.length }
}

function reportOf({ bad }: Total, gone: number): RunCounts['report'] {
  const named = bad.slice(0, namedMax).map(({ id, reason }) => ({ id, reason }))
  return gone === 0 && named.length === 0 ? null : { gone, ...(named.length > 0 ? { bad: named } : {}) }
}
