import { goodsLike } from '../../server/catalog/goods.ts'
import { wholeScope } from '../../server/core/access/actor.ts'
import type { KeyRing } from '../../server/lib/seal.ts'
import type { OrderFilter } from '../../server/orders/list/lists-contract.ts'
import { orderQuery, orderTable } from '../../server/orders/list/order-list.ts'
import type { OrderWorld } from '../world/order-world.ts'
import type { ListQuestion } from './list-queries.ts'
import { countFloors, cursorAt, type House, inHouse, pageFloors, reportTimes, timeAll } from './list-times.ts'
import { deepQuestions, orderFilters, orderQuestions } from './order-queries.ts'

/** Measures the list and the counts of sales orders through the API, as the page reads them. */
export function benchOrders(world: OrderWorld, ring: KeyRing, combinations: number): Promise<void> {
  return inHouse(world.url, ring, async (house) => {
    const alone = await orderFilters(house.db)
    const asked = orderQuestions(alone, combinations)
    reportTimes(
      {
        name: 'orders',
        work: `${asked.length} lists of ${world.size.toLocaleString('en')}: every filter alone by tab and sort, ${combinations} of three, ${combinations / 2} of five combined`,
        floors: pageFloors(world.size),
      },
      await timeAll(
        house,
        asked.map((question) => pathOf(question)),
      ),
    )
    const counts = alone.map((filters) => `/api/orders/counts?${new URLSearchParams(filters)}`)
    reportTimes(
      {
        name: 'order counts',
        work: `${counts.length} sets of tab counts: every filter alone`,
        floors: countFloors,
      },
      await timeAll(house, counts),
    )
    const deep = await deepPaths(house, world.size)
    reportTimes(
      {
        name: 'orders deep',
        work: `${deep.length} lists behind a cursor far down`,
        floors: pageFloors(world.size),
      },
      await timeAll(house, deep),
    )
  })
}

function pathOf({ tab, sort, filters }: ListQuestion, after?: string): string {
  return `/api/orders?${new URLSearchParams({ tab, sort, ...filters, ...(after ? { after } : {}) })}`
}

async function deepPaths({ db, ring }: House, size: number): Promise<string[]> {
  const paths: string[] = []
  for (const question of deepQuestions(size)) {
    const { tab, sort, filters } = question
    const filter = { ...filters, tab } as OrderFilter
    const query = await orderQuery(db, { ring, itemsLike: goodsLike }, filter, { scope: wholeScope, sort })
    const after = await cursorAt(db, orderTable, query, question)
    if (after) paths.push(pathOf(question, after))
  }
  return paths
}
