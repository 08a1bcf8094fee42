import { wholeScope } from '../../server/core/access/actor.ts'
import { tradeQuery, tradeTable } from '../../server/intake/trades/trade-list.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import type { World } from '../world/world.ts'
import { type Filters, type ListQuestion, questions, singleFilters, sorts } from './list-queries.ts'
import { countFloors, cursorAt, type House, inHouse, pageFloors, reportTimes, timeAll } from './list-times.ts'

/** Measures the list and the counts of staged trades through the API, as the page reads them. */
export function benchLists(world: World, ring: KeyRing, combinations: number): Promise<void> {
  return inHouse(world.url, ring, async (house) => {
    const asked = await questions(house.db, combinations)
    reportTimes(
      {
        name: 'lists',
        work: `${asked.length} lists: every filter and sort alone, ${combinations} of three combined, first page`,
        floors: pageFloors(world.size),
      },
      await timeAll(
        house,
        asked.map((question) => pathOf(question)),
      ),
    )
    const deep = await deepPaths(house, Math.min(500_000, Math.round(world.size / 10)))
    reportTimes(
      {
        name: 'lists deep',
        work: `${deep.length} lists after a cursor of 500,000 rows`,
        floors: pageFloors(world.size),
      },
      await timeAll(house, deep),
    )
    const counts = (await singleFilters(house.db)).map(
      (filters) => `/api/staged-trades/counts?${new URLSearchParams(filters)}`,
    )
    reportTimes(
      {
        name: 'tab counts',
        work: `${counts.length} sets of tab counts: every filter alone`,
        floors: countFloors,
      },
      await timeAll(house, counts),
    )
  })
}

function pathOf({ tab, sort, filters }: ListQuestion, after?: string): string {
  const query = new URLSearchParams({ tab, sort, ...filters, ...(after ? { after } : {}) })
  return `/api/staged-trades?${query}`
}

async function deepPaths(house: House, depth: number): Promise<string[]> {
  const paths: string[] = []
  for (const sort of sorts) {
    const after = await cursorOf(house, {}, sort, { depth, step: 20_000 })
    if (after)
      for (let at = 0; at < 5; at += 1) paths.push(pathOf({ tab: 'staged', sort, filters: {} }, after))
    // A page in the middle of the matching rows.
    for (const filters of [{ shop: '2' }, { hasMemo: 'true' }, { flag: '1,2,3,4,5', shop: '2,3' }]) {
      const behind = await cursorOf(house, filters, sort, { depth: 20_000, step: 2000 })
      if (behind) paths.push(pathOf({ tab: 'staged', sort, filters }, behind))
    }
  }
  return paths
}

async function cursorOf(
  { db, ring }: House,
  filters: Filters,
  sort: string,
  how: { depth: number; step: number },
): Promise<string | undefined> {
  return cursorAt(
    db,
    tradeTable,
    await tradeQuery(db, ring, { ...filters, tab: 'staged' }, { scope: wholeScope, sort }),
    how,
  )
}
