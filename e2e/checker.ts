import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import pg from 'pg'
import { readBooks, type ShopBooks } from './check/books.ts'
import { checkDeeds } from './check/deeds.ts'
import { checkDesk } from './check/desk.ts'
import { type Difference, type Notebook, notebook } from './check/differences.ts'
import {
  checkNumbers,
  givenByKuaidi100,
  givenTo,
  type OurNumber,
  ownSource,
  readNumbers,
} from './check/numbers.ts'
import { checkOrders, checkRefundMoney } from './check/orders.ts'
import { type OurShop, readShops } from './check/ours.ts'
import { checkLog, checkTables, needlesOf } from './check/privacy.ts'
import { checkRefunds } from './check/refunds.ts'
import { checkShipments, readShipments } from './check/shipments.ts'
import { checkTrades } from './check/trades.ts'

export type CheckOptions = {
  databaseUrl: string
  /** The simulator's address without a slash at the end. */
  sandboxUrl: string
  /** Log files or other texts that must contain no personal data. */
  logs?: readonly { name: string; text: string }[]
}

export type Checked = {
  differences: Difference[]
  trades: number
  refunds: number
  orders: number
  /** Waybill numbers that sources gave, and deliveries that have left. */
  numbers: number
  shipped: number
  deeds: number
}

/**
 * Compares the simulator's true state with our data. It shares no code with the server: it has its own table of the platform's codes and
 * reads our tables with plain SQL. An empty list means no difference.
 */
export async function check(options: CheckOptions): Promise<Checked> {
  const shops = await readBooks(`${options.sandboxUrl}/control`)
  const client = new pg.Client({ connectionString: options.databaseUrl })
  await client.connect()
  try {
    const differences: Difference[] = []
    const ours = await readShops(client)
    for (const books of shops) {
      const shop = ours.find(({ name }) => name === books.name)
      if (!shop)
        differences.push({
          shop: books.key,
          rule: 'the shop is connected',
          id: '',
          expected: true,
          found: false,
        })
      else {
        const note = notebook(books.key, differences)
        checkShop(note, books, shop)
      }
    }
    for (const { rule, id, found } of await checkDesk(client))
      differences.push({ shop: '', rule, id, expected: '', found })
    const numbers = await readNumbers(client)
    await checkGivenNumbers(numbers, shops, options.sandboxUrl, differences)
    const shipments = await readShipments(client)
    for (const books of shops) {
      const own = shipments.filter(({ shop }) => shop === books.name)
      checkShipments(notebook(books.key, differences), books, own)
    }
    const needles = needlesOf(shops)
    await checkTables(client, needles, differences)
    for (const { name, text } of options.logs ?? []) checkLog(name, text, needles, differences)
    const total = (count: (shop: OurShop) => number) => ours.reduce((sum, shop) => sum + count(shop), 0)
    return {
      differences,
      trades: total((shop) => shop.trades.length),
      refunds: total((shop) => shop.refunds.length),
      orders: total((shop) => shop.orders.length),
      numbers: numbers.filter(({ waybill }) => waybill !== '').length,
      shipped: shipments.length,
      deeds: shops.reduce((sum, shop) => sum + shop.deeds.filter((deed) => deed.accepted).length, 0),
    }
  } finally {
    await client.end()
  }
}

/** Compares all numbers with the books of the sources: the platforms' for their shops, and 快递100. */
async function checkGivenNumbers(
  ours: readonly OurNumber[],
  shops: readonly ShopBooks[],
  sandboxUrl: string,
  differences: Difference[],
): Promise<void> {
  const control = `${sandboxUrl}/control`
  for (const { key, name, platform, deeds } of shops) {
    const source = platform === 'taobao' || platform === 'tmall' ? 'cainiao' : platform
    const own = ours.filter((one) => one.shop === name && one.source === source)
    const given = await givenTo(control, key, source)
    checkNumbers(notebook(key, differences), source, { given, ours: own, deeds })
  }
  const own = ours.filter(({ source }) => source === ownSource)
  const given = await givenByKuaidi100(control)
  checkNumbers(notebook(ownSource, differences), ownSource, { given, ours: own, deeds: [] })
}

function checkShop(note: Notebook, books: ShopBooks, ours: OurShop): void {
  checkTrades(note, books, ours)
  checkRefunds(note, books, ours)
  checkOrders(note, books, ours)
  checkRefundMoney(note, books, ours)
  checkDeeds(note, books, ours)
  const complete = new Map(ours.cursors.map((cursor) => [cursor.stream, cursor.complete]))
  for (const stream of ['trades', 'refunds'] as const) {
    const last = [...books[stream].values()].reduce((latest, { modified }) => Math.max(latest, modified), 0)
    const readTo = complete.get(stream) ?? 0
    note.holds(`${stream} are complete up to their last change`, '', readTo >= last, { readTo, last })
  }
  note.holds(
    'the first load is complete',
    '',
    (complete.get('trades_first') ?? 0) >= Math.floor(ours.created),
    complete.get('trades_first'),
  )
}

/** Returns a short text: each violated rule, how often, and the first cases. */
export function describe({ differences, ...counts }: Checked): string {
  const lines = [JSON.stringify({ ...counts, differences: differences.length })]
  for (const [rule, found] of Map.groupBy(differences, (one) => one.rule)) {
    lines.push(`✖ ${rule}: ${found.length}`)
    for (const one of found.slice(0, 4))
      lines.push(`    ${one.shop} ${one.id}: expected ${brief(one.expected)}, found ${brief(one.found)}`)
  }
  return lines.join('\n')
}

const brief = (value: unknown) => (JSON.stringify(value) ?? 'nothing').slice(0, 700)

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      database: { type: 'string', default: '' },
      sandbox: { type: 'string', default: 'http://127.0.0.1:4101' },
      log: { type: 'string', multiple: true, default: [] },
    },
  })
  const logs = await Promise.all(
    values.log.map(async (name) => ({ name, text: await readFile(name, 'utf8') })),
  )
  const checked = await check({ databaseUrl: values.database, sandboxUrl: values.sandbox, logs })
  console.log(describe(checked))
  process.exitCode = checked.differences.length === 0 ? 0 : 1
}
