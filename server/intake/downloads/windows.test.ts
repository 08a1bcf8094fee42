import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ListPage, Page, Window } from '../../connectors/lists.ts'
import { IncompleteWindow, readWindow, windowsUntil } from './windows.ts'

type Row = { id: string; at: number }
const second = 1000
const window: Window = { from: new Date(0), to: new Date(100 * second) }

/** A simulated list: newest first, times in [from, to], changed by `onRequest`. */
function platform(
  rows: Row[],
  onRequest: (request: { page: Page; count: number }, rows: Row[]) => void = () => {},
) {
  let count = 0
  const list = async (asked: Window, page: Page) => {
    count += 1
    onRequest({ page, count }, rows)
    const inside = rows
      .filter((row) => row.at >= asked.from.getTime() && row.at < asked.to.getTime())
      .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
    const items = inside.slice((page.number - 1) * page.size, page.number * page.size)
    return page.mode === 'count'
      ? { total: inside.length, items: [], hasNext: false }
      : { items, hasNext: inside.length > page.number * page.size }
  }
  return { list, requests: () => count }
}

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, at: index * second }))
const read = async (
  list: (asked: Window, page: Page) => Promise<ListPage<Row>>,
  size = 10,
  over = window,
  isLate = false,
) => {
  const seen = new Set<string>()
  const counts = await readWindow(
    list,
    over,
    {
      ...{ pageSize: size, rowsMax: 100 * size, isLate },
      ...{ key: (row: Row) => row.id, changedAt: (row: Row) => new Date(row.at) },
    },
    async (items) => {
      for (const item of items) seen.add(item.id)
    },
  )
  return { seen, counts }
}

test('reads the last page first and every row once in a quiet window', async () => {
  const pages: number[] = []
  const { list } = platform(rows(25), ({ page }) => page.mode === 'rows' && pages.push(page.number))
  const { seen, counts } = await read(list)
  assert.deepEqual(pages, [3, 2, 1])
  assert.equal(seen.size, 25)
  assert.deepEqual(counts, { pages: 3, seen: 25, requests: 5 })
})

test('loses nothing when trades change, and leave the window, between pages', async () => {
  const world = rows(95)
  const { list } = platform(world, ({ count }) => {
    const row = world[count * 7]
    if (count > 1 && row) row.at = 1_000_000
  })
  const { seen } = await read(list)
  const stayed = world.filter((row) => row.at < 100 * second)
  assert.deepEqual(
    stayed.filter((row) => !seen.has(row.id)),
    [],
  )
})

test('a late list that shows no row is read over its whole window', async () => {
  const asked: number[] = []
  const { list } = platform([])
  const { seen, counts } = await read(
    (window, page) => {
      asked.push(window.to.getTime() - window.from.getTime())
      return list(window, page)
    },
    10,
    window,
    true,
  )
  assert.deepEqual([seen.size, counts.seen], [0, 0])
  assert.deepEqual(new Set(asked), new Set([window.to.getTime() - window.from.getTime()]))
})

test('reads a window again when a page came empty by mistake', async () => {
  let lost = false
  const { list } = platform(rows(25))
  const flaky = async (asked: Window, page: Page) => {
    if (page.mode === 'rows' && page.number === 2 && !lost) {
      lost = true
      return { items: [], hasNext: false }
    }
    return list(asked, page)
  }
  const { seen } = await read(flaky)
  assert.equal(seen.size, 25)
})

test('is not fooled when as many trades leave the window as a broken page hid', async () => {
  const world = rows(40)
  let broken = false
  const { list } = platform(world)
  const { seen } = await read(async (asked, page) => {
    if (page.mode === 'rows' && page.number === 2 && !broken) {
      broken = true
      return { items: [], hasNext: false }
    }
    if (page.mode === 'rows' && page.number === 1) for (const row of world.slice(0, 10)) row.at = 1_000_000
    return list(asked, page)
  })
  assert.equal(seen.size, 40)
})

test('refuses to call a window complete whose rows never add up to its count', async () => {
  const { list } = platform(rows(25))
  const broken = async (asked: Window, page: Page) =>
    page.mode === 'rows' ? { items: [], hasNext: false } : list(asked, page)
  await assert.rejects(read(broken), IncompleteWindow)
})

test('ends with a late list that shows more rows at each request; with the next run, which looks back, nothing of it is missing', async () => {
  const world = rows(95)
  const { list, requests } = platform(world, ({ count }) => {
    world.push({ id: `late ${count}`, at: ((count * 37) % 95) * second })
  })
  const { seen } = await read(list)
  const shown = [...world]
  const { seen: later } = await read(list)
  assert.deepEqual(
    shown.filter(({ id }) => !seen.has(id) && !later.has(id)),
    [],
  )
  assert.ok(requests() < 140, `${requests()} requests`)
})

test('loses none of the rows that a late list showed first, though it shows seven newer ones while each page of ten is read', async () => {
  for (const perPage of [1, 3, 7]) {
    const world = rows(95)
    let [newest, requests] = [95, 0]
    const { list } = platform(world, ({ page }) => {
      requests += 1
      // The details of the first pages take long, and those of the later ones are known.
      if (page.mode === 'rows' && requests < 30)
        for (let n = 0; n < perPage; n += 1) {
          world.push({ id: `t${newest}`, at: newest * second })
          newest += 1
        }
    })
    const { seen } = await read(list, 10, { from: new Date(0), to: new Date(10_000 * second) }, true)
    assert.deepEqual(
      world.slice(0, 95).filter(({ id }) => !seen.has(id)),
      [],
      `${perPage} a page`,
    )
  }
})

test('a late list that is sorted the other way, or has a row without a time, is read whole', async () => {
  const all = rows(35)
  const oldestFirst = async (_: Window, { number, size, mode }: Page) =>
    mode === 'count'
      ? { total: all.length, items: [], hasNext: false }
      : { items: all.slice((number - 1) * size, number * size), hasNext: true }
  assert.equal((await read(oldestFirst, 10, window, true)).seen.size, 35)
  const { list } = platform([...rows(5), { id: 'unreadable', at: Number.NaN }])
  const { seen } = await read(
    async (asked, page) => {
      const answer = await list(asked, page)
      return page.mode === 'count'
        ? { ...answer, total: 6 }
        : { ...answer, items: [{ id: 'unreadable', at: Number.NaN }, ...answer.items] }
    },
    10,
    window,
    true,
  )
  assert.equal(seen.size, 6)
})

test('cuts a window in halves when it has more pages than a platform answers', async () => {
  const { list, requests } = platform(rows(99))
  const { seen, counts } = await read(list, 1, window)
  assert.equal(seen.size, 99)
  assert.equal(counts.requests, requests())
  const many = platform(
    Array.from({ length: 450 }, (_, index) => ({ id: `t${index}`, at: (index % 100) * second })),
  )
  const deep: number[] = []
  const result = await read(async (asked, page) => {
    deep.push(page.number)
    return many.list(asked, page)
  }, 2)
  assert.equal(result.seen.size, 450)
  assert.ok(Math.max(...deep) <= 100)
})

test('an empty window asks once and gives nothing', async () => {
  const { list, requests } = platform([])
  const { seen } = await read(list)
  assert.equal(seen.size, 0)
  assert.equal(requests(), 1)
})

test('windows overlap backwards, never exceed the limit, and end where asked', () => {
  const limits = { advisedWindowMs: 1800_000, windowMs: 1800_000, overlapMs: 60_000 }
  const all = [...windowsUntil(new Date(0), new Date(4_000_000), limits)]
  assert.equal(all.at(-1)?.to.getTime(), 4_000_000)
  assert.equal(all[0]?.from.getTime(), -60_000)
  for (const [index, one] of all.entries()) {
    assert.ok(one.to.getTime() - one.from.getTime() <= limits.windowMs)
    assert.equal(one.completesFrom.getTime(), index === 0 ? 0 : all[index - 1]?.to.getTime())
  }
  assert.deepEqual([...windowsUntil(new Date(5), new Date(5), limits)], [])
})
