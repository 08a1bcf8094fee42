import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { BadItem, Connector } from '../connector.ts'
import type { ChainedPage, ListPage, PlatformList } from '../lists.ts'
import { badItemViolations, refundViolations } from './checks.ts'
import type { Marketplace } from './conformance.ts'

type Pages<Item> = (ListPage<Item> | ChainedPage<Item>)[]

/** Reads a whole list as a download does: from the last page to the first, or along the chain of its pages. */
async function pagesOf<Item>(
  list: PlatformList<Item>,
  market: Marketplace,
  most: number,
): Promise<Pages<Item>> {
  const pages: Pages<Item> = []
  const size = Math.min(most, list.pageSize)
  if (list.paging === 'chained') {
    for (let after: string | null = null; ; ) {
      const page: ChainedPage<Item> = await list.page(market.call(), market.window, { after, size })
      pages.push(page)
      if (page.next === null) return pages
      after = page.next
    }
  }
  const counted = await list.page(market.call(), market.window, { number: 1, size: 1, mode: 'count' })
  for (let number = Math.max(Math.ceil((counted.total ?? 0) / size), 1); number >= 1; number -= 1)
    pages.push(await list.page(market.call(), market.window, { number, size, mode: 'rows' }))
  return pages
}

/** Returns every readable item of the list. */
export async function everything<Item extends { kind: string }>(
  list: PlatformList<Item>,
  market: Marketplace,
  size: number,
): Promise<Exclude<Item, BadItem>[]> {
  return readable((await pagesOf(list, market, size)).flatMap((page) => page.items))
}

function readable<Item extends { kind: string }>(items: readonly Item[]): Exclude<Item, BadItem>[] {
  const good: Exclude<Item, BadItem>[] = []
  for (const item of items) {
    if (isBad(item)) assert.deepEqual(badItemViolations(item), [])
    else good.push(item as Exclude<Item, BadItem>)
  }
  return good
}

const isBad = (item: { kind: string }): item is BadItem => item.kind === 'bad'

export function listing(connector: Connector, open: () => Marketplace): void {
  const { changed, created } = connector.trades
  it(
    changed.paging === 'numbered'
      ? 'pages trades from the last page to the first, each once, and the last page has no next'
      : 'names the next page of trades until the last one, each trade once',
    async () => {
      const market = open()
      const pages = await pagesOf(changed, market, 7)
      const items = readable(pages.flatMap((page) => page.items))
      assert.deepEqual(items.map(({ tid }) => tid).sort(), market.tids().sort())
      if (changed.paging === 'numbered')
        assert.deepEqual(
          pages.map((page) => 'hasNext' in page && page.hasNext),
          pages.map((_page, index) => index > 0),
        )
      assert.ok(pages.length > 2, 'the marketplace has too few trades to try paging')
    },
  )

  it('lists the same first load by creation', {
    skip: !created && 'Its list is by change only.',
  }, async () => {
    const market = open()
    assert.ok(created)
    const items = await everything(created, market, 10)
    assert.deepEqual(items.map(({ tid }) => tid).sort(), market.tids().sort())
  })

  it('pages refunds the same way', async () => {
    const market = open()
    const items = await everything(connector.refunds.changed, market, 3)
    assert.deepEqual(items.map(({ refundId }) => refundId).sort(), market.refundIds().sort())
    for (const refund of items)
      if (refund.kind === 'refund') assert.deepEqual(refundViolations(refund), [], refund.refundId)
  })

  it('answers an empty window with nothing and no next page', async () => {
    const market = open()
    const from = new Date(market.window.from.getTime() - 600_000)
    const before = { ...market, window: { from, to: new Date(from.getTime() + 300_000) } }
    for (const list of [changed, connector.refunds.changed]) {
      if (list.paging === 'numbered') {
        const counted = await list.page(market.call(), before.window, { number: 1, size: 20, mode: 'count' })
        assert.equal(counted.total, 0)
      }
      const [page, ...more] = await pagesOf<unknown>(list, before, 20)
      assert.deepEqual(more, [])
      const isLast = list.paging === 'numbered' ? { hasNext: false } : { next: null }
      assert.deepEqual(page, { items: [], ...isLast })
    }
  })
}
